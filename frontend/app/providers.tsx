"use client";

import { ChakraProvider } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { SWRConfig } from "swr";
import { Shell } from "@/features/shell/Shell";
import { isPassing } from "@/lib/api/problem";
import { EmotionRegistry } from "@/theme/EmotionRegistry";
import { system } from "@/theme/system";

const requests = {
  keepPreviousData: true,
  dedupingInterval: 500,
  errorRetryInterval: 3_000,
  shouldRetryOnError: isPassing,
};

export function Providers({ children }: { children: ReactNode }) {
  return (
    <EmotionRegistry>
      <ChakraProvider value={system}>
        <SWRConfig value={requests}>
          <Shell>{children}</Shell>
        </SWRConfig>
      </ChakraProvider>
    </EmotionRegistry>
  );
}
