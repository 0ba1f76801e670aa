"use client";

import { ChakraProvider } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { SWRConfig } from "swr";
import { Shell } from "@/features/shell/Shell";
import { EmotionRegistry } from "@/theme/EmotionRegistry";
import { system } from "@/theme/system";

const requests = { keepPreviousData: true, errorRetryInterval: 3_000, dedupingInterval: 500 };

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
