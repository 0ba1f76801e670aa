"use client";

import { Button, Flex, Heading, Stack, Text } from "@chakra-ui/react";
import { CircleAlert, Plus } from "lucide-react";
import { Ago } from "@/components/ui/Ago";
import { Notice } from "@/components/ui/Notice";
import { usePolledSamples } from "@/features/traffic/hooks";
import { asApiError } from "@/lib/api/problem";
import type { RulePage } from "@/lib/api/types";
import { counted } from "@/lib/format";
import { DriftBanner } from "./DriftBanner";
import { FIRST_PAGE, useRuleFilters, useRules } from "./hooks";
import { useRowKeys } from "./keyboard";
import { listing, totalOf } from "./model";
import { NoMatch, NoRules } from "./NoRules";
import { Paging } from "./Paging";
import { RuleList } from "./RuleList";
import { RulesSkeleton } from "./RulesSkeleton";
import { Toolbar } from "./Toolbar";

const SAMPLE_MS = 2_000;
/** In the address: a new rule, whatever for. */
const ANY_SERVICE = "rule";
const NO_FILTERS = { state: null, ns: null, q: null, ...FIRST_PAGE };

function summary({ counts }: RulePage): string {
  const deploying = counts.deploying ?? 0;
  const rules = counted(totalOf(counts), "rule");
  return deploying > 0 ? `${rules} · ${deploying} deploying` : rules;
}

function Title({ page, create }: { page: RulePage | undefined; create(): void }) {
  return (
    <Flex justify="space-between" align="center" gap="3">
      <div>
        <Heading as="h1" fontSize="lg" fontWeight="semibold">
          Traffic rules
        </Heading>
        <Text color="fg.muted" minH="5">
          {page ? summary(page) : " "}
        </Text>
      </div>
      <Button variant="solid" colorPalette="accent" onClick={create}>
        <Plus aria-hidden="true" /> New rule
      </Button>
    </Flex>
  );
}

type TroubleProps = { readonly error: unknown; readonly since: string | null; retry(): void };

/** The list cannot be had: what that means, and what is still on screen. */
function Trouble({ error, since, retry }: TroubleProps) {
  return (
    <Notice
      tone="danger"
      icon={CircleAlert}
      role="alert"
      title="Rules could not be loaded; traffic in the mesh is unaffected"
      action={
        <Button size="xs" onClick={retry}>
          Try again
        </Button>
      }
    >
      {asApiError(error).message}
      {since && (
        <>
          {" "}
          Below is what was known <Ago at={since} />.
        </>
      )}
    </Notice>
  );
}

type ListingProps = {
  readonly page: RulePage;
  readonly isStale: boolean;
  readonly isCurrent: boolean;
};

function Listing({ page, isStale, isCurrent }: ListingProps) {
  const { filters, change } = useRuleFilters();
  switch (listing(page, filters)) {
    case "no-rules":
      return <NoRules create={(service) => change({ new: service ?? ANY_SERVICE }, "push")} />;
    case "no-match":
      return <NoMatch clear={() => change(NO_FILTERS)} />;
    case "rows":
      return (
        <>
          <RuleList rows={page.items} isStale={isStale} />
          <Paging
            shown={page.items.length}
            total={page.total}
            next={page.next}
            isCurrent={isCurrent}
          />
        </>
      );
  }
}

export function RulesView() {
  const { filters, change } = useRuleFilters();
  const { data, error, isCurrent, loadedAt, mutate } = useRules(filters);
  usePolledSamples(data?.items.map(({ id }) => id) ?? [], SAMPLE_MS);
  useRowKeys({
    edit: (id) => change({ edit: id }, "push"),
    rollBack: (id) => change({ rollback: id }, "push"),
  });
  const isBare = data !== undefined && listing(data, filters) === "no-rules";
  return (
    <Stack gap="4">
      <Title page={data} create={() => change({ new: ANY_SERVICE }, "push")} />
      {!isBare && <Toolbar counts={data?.counts ?? null} namespaces={data?.namespaces ?? []} />}
      {error && <Trouble error={error} since={data ? loadedAt : null} retry={() => mutate()} />}
      <DriftBanner amount={data?.counts.drift ?? 0} />
      {data && <Listing page={data} isStale={Boolean(error)} isCurrent={isCurrent} />}
      {!data && !error && <RulesSkeleton />}
    </Stack>
  );
}
