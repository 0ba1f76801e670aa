import type { RecipeDefinition, SlotRecipeConfig } from "@chakra-ui/react";
import {
  badgeRecipe,
  buttonRecipe,
  comboboxSlotRecipe,
  dialogSlotRecipe,
  fieldSlotRecipe,
  inputRecipe,
  nativeSelectSlotRecipe,
  sliderSlotRecipe,
  switchSlotRecipe,
  tabsSlotRecipe,
} from "@chakra-ui/react/theme";

/** The stock recipes in use, and no others: each one costs every visitor. */
export const stock = {
  recipes: { button: buttonRecipe, input: inputRecipe, badge: badgeRecipe },
  slotRecipes: {
    dialog: dialogSlotRecipe,
    combobox: comboboxSlotRecipe,
    field: fieldSlotRecipe,
    nativeSelect: nativeSelectSlotRecipe,
    slider: sliderSlotRecipe,
    switch: switchSlotRecipe,
    tabs: tabsSlotRecipe,
  },
};

const button: RecipeDefinition = {
  variants: {
    variant: {
      // A translucent hover falls under 4.5 : 1 on white.
      solid: { _hover: { bg: "colorPalette.hover" }, _expanded: { bg: "colorPalette.hover" } },
      outline: { bg: "bg.panel" },
    },
  },
  defaultVariants: { size: "sm", variant: "outline" },
};

const input: RecipeDefinition = {
  variants: { variant: { outline: { bg: "bg.panel", borderColor: "border.control" } } },
  defaultVariants: { size: "sm" },
};

const dialog: SlotRecipeConfig = {
  slots: ["backdrop", "content"],
  base: {
    backdrop: { bg: "bg.scrim" },
    content: { borderWidth: "1px", borderColor: "border.emphasized" },
  },
};

/** Where ours differ from the stock. */
export const own = { recipes: { button, input }, slotRecipes: { dialog } };
