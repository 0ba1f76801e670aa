import { Text } from "@chakra-ui/react";
import { Panel } from "@/components/ui/Panel";
import { SplitBar } from "@/features/traffic/SplitBar";
import { VersionLegend } from "@/features/traffic/VersionLegend";
import type { Share } from "@/lib/api/types";
import { splitText } from "@/lib/format";

/** A split that nothing routes by yet. */
export function DraftPanel({ shares }: { shares: readonly Share[] }) {
  return (
    <Panel
      heading="Drafted split"
      aside={
        <Text fontSize="xs" color="fg.muted">
          not deployed yet: no traffic follows it
        </Text>
      }
    >
      <SplitBar
        wanted={shares.map(({ weight }) => weight)}
        observed={null}
        label={`Drafted: ${splitText(shares)}`}
        height="14px"
      />
      <VersionLegend shares={shares} limit={20} />
    </Panel>
  );
}
