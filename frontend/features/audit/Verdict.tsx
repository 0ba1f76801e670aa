import { Box, Text } from "@chakra-ui/react";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { Notice } from "@/components/ui/Notice";
import type { AuditVerdict } from "@/lib/api/types";
import { counted } from "@/lib/format";

/** What checking the chain of entries came to. */
export function Verdict({ verdict }: { verdict: AuditVerdict }) {
  const { ok, entries, head, commitsChecked, problems } = verdict;
  const checked = `${counted(entries, "entry", "entries")} checked`;
  if (!ok) {
    return (
      <Notice tone="danger" icon={ShieldAlert} role="alert" title="The chain is broken">
        {checked}.
        <Box as="ul">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </Box>
      </Notice>
    );
  }
  return (
    <Notice tone="accent" icon={ShieldCheck} role="status" title="The chain holds">
      {checked}, {counted(commitsChecked, "commit")} in Git agree.
      {head && (
        <Text as="span" display="block" truncate>
          Head <code>{head}</code>
        </Text>
      )}
    </Notice>
  );
}
