import { createSystem, defaultBaseConfig, defineConfig } from "@chakra-ui/react";
import {
  animationStyles,
  breakpoints,
  keyframes,
  layerStyles,
  tokens as stockTokens,
  textStyles,
} from "@chakra-ui/react/theme";
import { colors } from "@/theme/colors";
import { globalCss } from "@/theme/globals";
import { own, stock } from "@/theme/recipes";

const tokens = {
  ...stockTokens,
  colors: { transparent: stockTokens.colors.transparent, current: stockTokens.colors.current },
  fonts: {
    body: { value: "var(--font-inter), system-ui, sans-serif" },
    heading: { value: "var(--font-inter), system-ui, sans-serif" },
    mono: { value: "var(--font-mono), ui-monospace, monospace" },
  },
};

const shadow = (light: string, dark: string) => ({ value: { _light: light, _dark: dark } });

const config = defineConfig({
  preflight: true,
  cssVarsPrefix: "cf",
  cssVarsRoot: ":where(html)",
  globalCss,
  theme: {
    breakpoints,
    keyframes,
    tokens,
    semanticTokens: {
      colors,
      radii: { l1: { value: "4px" }, l2: { value: "7px" }, l3: { value: "10px" } },
      shadows: {
        xs: shadow("0 1px 2px rgb(0 0 0 / 6%)", "none"),
        sm: shadow("0 1px 3px rgb(0 0 0 / 10%)", "0 1px 3px rgb(0 0 0 / 50%)"),
        md: shadow("0 4px 16px rgb(0 0 0 / 10%)", "0 4px 16px rgb(0 0 0 / 60%)"),
        lg: shadow("0 16px 48px rgb(0 0 0 / 18%)", "0 16px 48px rgb(0 0 0 / 70%)"),
        inset: shadow("none", "none"),
      },
    },
    ...stock,
    textStyles,
    layerStyles,
    animationStyles,
  },
});

export const system = createSystem(defaultBaseConfig, config, { theme: own });
