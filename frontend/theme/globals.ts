import { defineGlobalStyles } from "@chakra-ui/react";

export const globalCss = defineGlobalStyles({
  ":root": {
    "--global-font-body": "fonts.body",
    "--global-font-mono": "fonts.mono",
    "--global-color-border": "colors.border",
  },
  html: {
    bg: "bg",
    color: "fg",
    colorPalette: "neutral",
    lineHeight: "1.45",
    // Room for the bar at the top of a narrow screen when a focused row scrolls into view.
    scrollPaddingTop: "4rem",
  },
  body: {
    fontFamily: "body",
    fontSize: "sm",
    fontFeatureSettings: "'cv11'",
  },
  "code, pre": { fontFamily: "mono", fontVariantLigatures: "none" },
  "::placeholder": { color: "fg.subtle", opacity: 1 },
  "::selection": { bg: "accent.emphasized" },
  ":focus-visible": { outlineColor: "accent.focusRing" },
  "*, *::before, *::after": {
    _motionReduce: {
      animationDuration: "0.01ms !important",
      animationIterationCount: "1 !important",
      transitionDuration: "0.01ms !important",
      scrollBehavior: "auto !important",
    },
  },
});
