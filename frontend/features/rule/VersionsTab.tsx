"use client";

import { Box, chakra, Flex, Stack, Text } from "@chakra-ui/react";
import { CopyLine } from "@/components/ui/CopyLine";
import { Panel } from "@/components/ui/Panel";
import { usePods } from "@/features/pods/hooks";
import { hasPods } from "@/features/pods/model";
import { PodsText } from "@/features/pods/PodsText";
import { useMe, useSurrounding } from "@/features/shell/hooks";
import { Swatch } from "@/features/traffic/VersionLegend";
import type { Rule } from "@/lib/api/types";
import { percent } from "@/lib/format";
import { definitionLines, splitsDiffer, versionLines } from "./definition";
import { curlLine } from "./model";

const Table = chakra("table", {
  base: {
    w: "full",
    fontVariantNumeric: "tabular-nums",
    "& th": {
      textAlign: "start",
      fontSize: "xs",
      fontWeight: "medium",
      color: "fg.muted",
      pb: "1",
    },
    "& td": { py: "1.5", borderTopWidth: "1px", overflowWrap: "anywhere" },
    "& th + th, & td + td": { ps: "4" },
  },
});

const Terms = chakra("dl", {
  base: {
    display: "grid",
    gridTemplateColumns: { base: "1fr", sm: "160px minmax(0,1fr)" },
    columnGap: "4",
    rowGap: { base: "0", sm: "1.5" },
    "& dt": { color: "fg.muted" },
    "& dd": { overflowWrap: "anywhere", mb: { base: "2", sm: "0" } },
  },
});

function Versions({ rule }: { rule: Rule }) {
  const differ = splitsDiffer(rule);
  const isCounted = hasPods(useSurrounding());
  const podsOf = usePods(rule.id);
  return (
    <Panel heading="Versions">
      <Table>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">{differ ? "Draft" : "Weight"}</th>
            {differ && <th scope="col">Deployed</th>}
            {isCounted && <th scope="col">Pods</th>}
            <th scope="col">Labels</th>
          </tr>
        </thead>
        <tbody>
          {versionLines(rule).map(({ name, draft, deployed, labels }, position) => (
            <tr key={name}>
              <td>
                <Flex align="center" gap="2" fontWeight="medium">
                  <Swatch position={position} />
                  {name}
                </Flex>
              </td>
              <td>{percent(draft)}</td>
              {differ && <td>{percent(deployed)}</td>}
              {isCounted && (
                <td>
                  <PodsText pods={podsOf(name)} brief />
                </td>
              )}
              <td>
                <Text as="code" fontSize="xs" color="fg.muted">
                  {labels}
                </Text>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

/** What the rule says, the draft beside what is deployed. */
export function VersionsTab({ rule }: { rule: Rule }) {
  const { data: me } = useMe();
  const command = rule.liveVersions && me ? curlLine(rule, me) : null;
  return (
    <Stack gap="4">
      <Versions rule={rule} />
      <Panel heading="What else this rule says">
        <Terms>
          {definitionLines(rule).map(({ term, words }) => (
            <Box display="contents" key={`${term} ${words}`}>
              <dt>{term}</dt>
              <dd>{words}</dd>
            </Box>
          ))}
        </Terms>
      </Panel>
      {command && (
        <Panel heading="Try it">
          <CopyLine text={command} label="Copy the command" />
        </Panel>
      )}
    </Stack>
  );
}
