"use client";

import { Field, Grid, IconButton, Input, InputGroup, Slider } from "@chakra-ui/react";
import { Lock, LockOpen, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Pods } from "@/features/pods/model";
import { PodsText } from "@/features/pods/PodsText";
import { Swatch } from "@/features/traffic/VersionLegend";
import { percent } from "@/lib/format";
import { versionColor } from "@/theme/colors";
import { useFieldError } from "./errors";
import type { Arm } from "./model";
import { hundredths } from "./split";

export type ArmActs = {
  rename(name: string): void;
  /** While moving, the others are divided as they stood before the move began. */
  move(weight: number): void;
  settle(): void;
  lock(locked: boolean): void;
  remove(): void;
};

type Props = {
  readonly arm: Arm;
  readonly position: number;
  readonly isFixed: boolean;
  readonly isLast: boolean;
  readonly pods: Pods | null;
  readonly acts: ArmActs;
};

function WeightSlider({ arm, position, isFixed, acts }: Omit<Props, "isLast" | "pods">) {
  return (
    <Slider.Root
      gridArea="slider"
      size="md"
      min={0}
      max={100}
      step={1}
      value={[arm.weight / 100]}
      disabled={isFixed}
      aria-label={[`Weight of ${arm.name}`]}
      getAriaValueText={() => percent(arm.weight / 100)}
      onValueChange={({ value: [value] }) => value !== undefined && acts.move(value * 100)}
      onValueChangeEnd={acts.settle}
    >
      <Slider.Control minH="6">
        <Slider.Track bg="bg.emphasized" h="1.5">
          <Slider.Range bg={versionColor(position)} />
        </Slider.Track>
        <Slider.Thumb index={0} boxSize="6" bg="bg.panel" borderColor={versionColor(position)} />
      </Slider.Control>
    </Slider.Root>
  );
}

function WeightInput({ arm, isFixed, acts }: Omit<Props, "isLast" | "pods" | "position">) {
  const [typed, setTyped] = useState<string | null>(null);
  const type = (text: string) => {
    setTyped(text);
    const weight = hundredths(text);
    if (weight !== null) acts.move(weight);
  };
  const settle = () => {
    setTyped(null);
    acts.settle();
  };
  return (
    <InputGroup gridArea="number" endElement="%" endElementProps={{ px: "2.5", fontSize: "xs" }}>
      <Input
        inputMode="decimal"
        aria-label={`Weight of ${arm.name} in percent`}
        fontVariantNumeric="tabular-nums"
        textAlign="end"
        pe="7"
        autoComplete="off"
        disabled={isFixed}
        value={typed ?? String(arm.weight / 100)}
        onChange={(event) => type(event.target.value)}
        onBlur={settle}
      />
    </InputGroup>
  );
}

/** One version: colour, name, share, lock and removal; under it, its pods or what is wrong. */
export function ArmRow(props: Props) {
  const { arm, position, isLast, pods, acts } = props;
  const wrongName = useFieldError(`/versions/${position}/name`);
  const wrongVersion = useFieldError(`/versions/${position}`);
  const error = wrongName ?? wrongVersion;
  return (
    <Grid
      as="li"
      gridTemplateAreas={{
        base: `"swatch name number lock remove" ". error error error error" "slider slider slider slider slider"`,
        sm: `"swatch name slider number lock remove" ". error error error error error"`,
      }}
      gridTemplateColumns={{
        base: "auto minmax(0,1fr) 92px auto auto",
        sm: "auto minmax(0,150px) minmax(0,1fr) 92px auto auto",
      }}
      alignItems="center"
      columnGap={{ base: "2", sm: "3" }}
      rowGap="1"
    >
      <Swatch position={position} />
      <Field.Root invalid={Boolean(error)} display="contents">
        <Input
          gridArea="name"
          aria-label={`Name of version ${position + 1}`}
          value={arm.name}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => acts.rename(event.target.value)}
        />
        <Field.ErrorText gridArea="error">{error}</Field.ErrorText>
        {pods && !error && (
          <Field.HelperText gridArea="error" mt="0">
            <PodsText pods={pods} />
          </Field.HelperText>
        )}
      </Field.Root>
      <WeightSlider {...props} />
      <WeightInput {...props} />
      <IconButton
        gridArea="lock"
        variant="ghost"
        size="xs"
        me={{ base: "-1", sm: "-2" }}
        aria-pressed={arm.locked}
        aria-label={`Lock ${arm.name}`}
        title={arm.locked ? "Locked: other versions leave it alone" : "Lock this share"}
        color={arm.locked ? "fg" : "fg.subtle"}
        onClick={() => acts.lock(!arm.locked)}
      >
        {arm.locked ? <Lock /> : <LockOpen />}
      </IconButton>
      <IconButton
        gridArea="remove"
        variant="ghost"
        size="xs"
        me="-2"
        aria-label={`Remove ${arm.name}`}
        title="Remove this version"
        color="fg.muted"
        disabled={isLast}
        onClick={acts.remove}
      >
        <Trash2 />
      </IconButton>
    </Grid>
  );
}
