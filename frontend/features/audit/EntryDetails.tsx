import { Box, chakra, Stack } from "@chakra-ui/react";
import { Diff } from "@/features/diff/Diff";
import type { AuditEntry } from "@/lib/api/types";
import { exact } from "@/lib/format";
import { Link } from "@/lib/router";
import { pictures } from "./model";

const Terms = chakra("dl", {
  base: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0,1fr)",
    columnGap: "4",
    rowGap: "1",
    fontSize: "xs",
    "& dt": { color: "fg.muted" },
    "& dd": { overflowWrap: "anywhere" },
  },
});
const RuleLink = chakra(Link, { base: { color: "accent.fg", textDecoration: "underline" } });

/** Everything an entry holds: its terms, and the picture before and after. */
export function EntryDetails({ entry }: { entry: AuditEntry }) {
  const sides = pictures(entry);
  return (
    <Stack gap="3">
      <Terms>
        <dt>When</dt>
        <dd>{exact(entry.at)}</dd>
        {entry.reason && (
          <>
            <dt>Reason</dt>
            <dd>{entry.reason}</dd>
          </>
        )}
        {entry.ruleId && (
          <>
            <dt>Rule</dt>
            <dd>
              <RuleLink href={`/rule/?id=${entry.ruleId}`} prefetch={false}>
                {entry.namespace}/{entry.serviceName}
              </RuleLink>
              {entry.generation !== null && `, revision ${entry.generation}`}
            </dd>
          </>
        )}
        <dt>Hash</dt>
        <dd>
          <code>{entry.hash}</code>
        </dd>
      </Terms>
      {sides ? (
        <Diff before={sides.before} after={sides.after} label={`Entry ${entry.n}`} />
      ) : (
        <Box fontSize="xs" color="fg.muted">
          This entry changed no rule.
        </Box>
      )}
    </Stack>
  );
}
