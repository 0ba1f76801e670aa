import { defineSemanticTokens } from "@chakra-ui/react";

/** One colour in light and in dark mode: the only place where raw colours stand. */
const pair = (light: string, dark: string) => ({ value: { _light: light, _dark: dark } });

export const colors = defineSemanticTokens.colors({
  bg: {
    DEFAULT: pair("#fafafa", "#0b0c0e"),
    panel: pair("#ffffff", "#131417"),
    subtle: pair("#f7f7f8", "#17181c"),
    muted: pair("#f0f0f2", "#1f2126"),
    emphasized: pair("#e4e4e7", "#2d2f36"),
    added: pair("#e6f6ec", "#0f2418"),
    removed: pair("#fdecea", "#301413"),
    addedMark: pair("#b5e3c5", "#1e5032"),
    removedMark: pair("#f8c7c2", "#6a2420"),
    scrim: pair("rgb(9 9 11 / 45%)", "rgb(0 0 0 / 65%)"),
  },
  fg: {
    DEFAULT: pair("#16171a", "#ededef"),
    muted: pair("#52535b", "#a5a6af"),
    subtle: pair("#66676f", "#8e8f99"),
    inverted: pair("#ffffff", "#0b0c0e"),
    error: pair("#b3261e", "#ff9b93"),
    warning: pair("#8a5300", "#f0bb52"),
    success: pair("#15703a", "#6fd596"),
  },
  border: {
    DEFAULT: pair("#e4e4e7", "#25272c"),
    emphasized: pair("#d0d0d6", "#383a42"),
    control: pair("#8b8c96", "#6d6f79"),
    error: pair("#c62828", "#e5635b"),
  },
  neutral: {
    contrast: pair("#ffffff", "#0b0c0e"),
    fg: pair("#27282d", "#e2e2e6"),
    subtle: pair("#f0f0f2", "#1f2126"),
    muted: pair("#e4e4e7", "#2d2f36"),
    emphasized: pair("#d0d0d6", "#3b3d45"),
    solid: pair("#1f2024", "#ededef"),
    hover: pair("#3a3b42", "#d0d0d6"),
    focusRing: pair("#2563eb", "#6ea2f8"),
    border: pair("#d0d0d6", "#383a42"),
  },
  accent: {
    contrast: pair("#ffffff", "#ffffff"),
    fg: pair("#1d4ed8", "#93b8fb"),
    subtle: pair("#e8effd", "#16233f"),
    muted: pair("#d3e1fb", "#1c2f56"),
    emphasized: pair("#b4ccf8", "#27437a"),
    solid: pair("#2563eb", "#2563eb"),
    hover: pair("#1d4ed8", "#1d55d8"),
    focusRing: pair("#2563eb", "#6ea2f8"),
    border: pair("#93b4f5", "#2f5196"),
  },
  success: {
    contrast: pair("#ffffff", "#ffffff"),
    fg: pair("#15703a", "#6fd596"),
    subtle: pair("#e3f6ea", "#11281a"),
    muted: pair("#c8ecd5", "#183924"),
    emphasized: pair("#a3ddb8", "#225234"),
    solid: pair("#15803d", "#1c8a47"),
    hover: pair("#116632", "#15703a"),
    focusRing: pair("#2563eb", "#6ea2f8"),
    border: pair("#8fd3a8", "#27603c"),
  },
  warning: {
    contrast: pair("#ffffff", "#ffffff"),
    fg: pair("#8a5300", "#f0bb52"),
    subtle: pair("#fdf2d9", "#2b2109"),
    muted: pair("#fae5b5", "#3f300d"),
    emphasized: pair("#f2d086", "#594411"),
    solid: pair("#b35c00", "#d08a1d"),
    hover: pair("#934b00", "#b5750f"),
    focusRing: pair("#2563eb", "#6ea2f8"),
    border: pair("#dfa63f", "#7c5d17"),
  },
  danger: {
    contrast: pair("#ffffff", "#ffffff"),
    fg: pair("#b3261e", "#ff9b93"),
    subtle: pair("#fdebe9", "#331615"),
    muted: pair("#fbd6d2", "#481d1b"),
    emphasized: pair("#f5b3ad", "#642825"),
    solid: pair("#c62828", "#c83532"),
    hover: pair("#a81f1f", "#b02a27"),
    focusRing: pair("#2563eb", "#6ea2f8"),
    border: pair("#eda69f", "#7e3430"),
  },
  version: {
    1: pair("#2f6fdf", "#5b96f5"),
    2: pair("#d5710d", "#f59b45"),
    3: pair("#0d9488", "#2dc0b0"),
    4: pair("#c2349b", "#e879c0"),
    5: pair("#6a8a12", "#a3c14a"),
    6: pair("#7c5cdb", "#a78bfa"),
    7: pair("#9a5b3c", "#c98f6b"),
    8: pair("#64748b", "#94a3b8"),
  },
});

/** The token of the version at this place; the eighth is followed by the first again. */
export function versionColor(position: number): string {
  return `version.${(position % 8) + 1}`;
}
