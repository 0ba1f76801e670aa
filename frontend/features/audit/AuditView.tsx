"use client";

import { Box, Button, Flex, Heading, Stack, Text } from "@chakra-ui/react";
import { Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Bone } from "@/components/ui/Bone";
import { Trouble } from "@/components/ui/Trouble";
import { type ApiError, asApiError } from "@/lib/api/problem";
import type { AuditEntry, AuditVerdict } from "@/lib/api/types";
import { download } from "@/lib/download";
import { AuditFilters } from "./AuditFilters";
import { AuditList } from "./AuditList";
import { allEntries, useAudit, useAuditFilters, verifyChain } from "./hooks";
import { Verdict } from "./Verdict";

function Title({ acts }: { acts: ReturnType<typeof useChainActs> }) {
  return (
    <Flex justify="space-between" align="center" gap="3" wrap="wrap">
      <div>
        <Heading as="h1" fontSize="lg" fontWeight="semibold">
          Audit
        </Heading>
        <Text color="fg.muted">Every act and its outcome, chained so that none can vanish</Text>
      </div>
      <Flex gap="2">
        <Button disabled={acts.isBusy} onClick={acts.exportAll}>
          <Download aria-hidden="true" /> Export JSON
        </Button>
        <Button disabled={acts.isBusy} onClick={acts.verify}>
          <ShieldCheck aria-hidden="true" /> Verify
        </Button>
      </Flex>
    </Flex>
  );
}

function useChainActs() {
  const { filters } = useAuditFilters();
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = (act: Promise<void>) => {
    setBusy(true);
    setProblem(null);
    act.catch((thrown) => setProblem(asApiError(thrown))).finally(() => setBusy(false));
  };
  return {
    verdict,
    problem,
    isBusy,
    verify: () => run(verifyChain().then(setVerdict)),
    exportAll: () =>
      run(allEntries(filters).then((entries) => download("crossfade-audit.json", entries))),
  };
}

function Entries({ items }: { items: readonly AuditEntry[] }) {
  if (items.length > 0) return <AuditList entries={items} scope="everything" />;
  return (
    <Box py="12" textAlign="center" color="fg.muted" bg="bg.panel" borderWidth="1px" rounded="l3">
      No entry matches.
    </Box>
  );
}

export function AuditView() {
  const { filters, change } = useAuditFilters();
  const { data, error, mutate } = useAudit(filters);
  const acts = useChainActs();
  const next = data?.next ?? null;
  return (
    <Stack gap="4">
      <Title acts={acts} />
      {acts.verdict && <Verdict verdict={acts.verdict} />}
      {acts.problem && <Trouble error={acts.problem} />}
      <AuditFilters />
      {error && (
        <Trouble
          error={asApiError(error)}
          action={
            <Button size="xs" onClick={() => mutate()}>
              Try again
            </Button>
          }
        />
      )}
      {data && <Entries items={data.items} />}
      {!data && !error && <Bone h="96" rounded="l3" />}
      <Flex gap="2" justify="flex-end">
        {filters.before && (
          <Button size="xs" onClick={() => change({ before: null }, "push")}>
            Newest
          </Button>
        )}
        {next !== null && (
          <Button size="xs" onClick={() => change({ before: String(next) }, "push")}>
            Older
          </Button>
        )}
      </Flex>
    </Stack>
  );
}
