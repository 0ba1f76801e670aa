import { Center } from "@chakra-ui/react";
import { Check, CircleHelp, Ellipsis, LoaderCircle, Minus, X } from "lucide-react";
import type { Mark } from "./model";

const looks = {
  done: { icon: Check, bg: "success.solid", color: "success.contrast", word: "done" },
  failed: { icon: X, bg: "danger.solid", color: "danger.contrast", word: "failed" },
  waiting: { icon: LoaderCircle, bg: "accent.subtle", color: "accent.fg", word: "under way" },
  pending: { icon: Ellipsis, bg: "bg.muted", color: "fg.subtle", word: "not begun" },
  unproven: { icon: CircleHelp, bg: "warning.solid", color: "bg.panel", word: "not proven" },
  skipped: { icon: Minus, bg: "bg.muted", color: "fg.subtle", word: "left out" },
} as const;

/** The state of a stage as a sign. */
export function StageMark({ state }: { state: Mark }) {
  const { icon: Icon, bg, color, word } = looks[state];
  return (
    <Center
      boxSize="22px"
      rounded="full"
      flexShrink="0"
      bg={bg}
      color={color}
      zIndex="1"
      animation={state === "waiting" ? "spin" : undefined}
      animationDuration="1.4s"
    >
      <Icon size={13} strokeWidth={2.5} aria-label={word} />
    </Center>
  );
}
