"use client";

import { Tabs } from "@chakra-ui/react";
import { HistoryTab } from "@/features/revisions/HistoryTab";
import { YamlTab } from "@/features/revisions/YamlTab";
import type { Rule } from "@/lib/api/types";
import { useQueryState } from "@/lib/query";
import { ActivityTab } from "./ActivityTab";
import { TABS, tabNamed } from "./model";
import { VersionsTab } from "./VersionsTab";

const NAMES = { versions: "Versions", yaml: "YAML", history: "History", activity: "Activity" };

export function RuleTabs({ rule }: { rule: Rule }) {
  const { params, change } = useQueryState();
  return (
    <Tabs.Root
      lazyMount
      unmountOnExit
      size="sm"
      variant="line"
      value={tabNamed(params.get("tab"))}
      onValueChange={({ value }) => change({ tab: value, before: null })}
    >
      <Tabs.List>
        {TABS.map((tab) => (
          <Tabs.Trigger key={tab} value={tab} px={{ base: "2.5", sm: "3" }}>
            {NAMES[tab]}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="versions">
        <VersionsTab rule={rule} />
      </Tabs.Content>
      <Tabs.Content value="yaml">
        <YamlTab rule={rule} />
      </Tabs.Content>
      <Tabs.Content value="history">
        <HistoryTab ruleId={rule.id} />
      </Tabs.Content>
      <Tabs.Content value="activity">
        <ActivityTab rule={rule} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
