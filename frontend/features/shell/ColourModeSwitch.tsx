"use client";

import { IconButton } from "@chakra-ui/react";
import { Moon, Sun } from "lucide-react";
import { useColourMode } from "./colourMode";

export function ColourModeSwitch() {
  const { mode, toggle } = useColourMode();
  const name = mode === "dark" ? "Switch to light mode" : "Switch to dark mode";
  return (
    <IconButton
      variant="ghost"
      size={{ base: "sm", md: "xs" }}
      aria-label={name}
      title={name}
      onClick={toggle}
    >
      {mode === "dark" ? <Sun size={15} /> : <Moon size={15} />}
    </IconButton>
  );
}
