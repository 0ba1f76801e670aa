"use client";

import { createContext, useContext } from "react";
import type { FieldError } from "@/lib/api/problem";

const Errors = createContext<readonly FieldError[]>([]);

export const ErrorsProvider = Errors.Provider;

/** What the API said about the field this pointer names. */
export function useFieldError(pointer: string): string | null {
  return useContext(Errors).find((error) => error.pointer === pointer)?.detail ?? null;
}

/** The same for a field that holds a list: about the whole of it, and about each part. */
export function useFieldErrors(pointer: string): string | null {
  const found = useContext(Errors).filter(
    (error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`),
  );
  return found.length === 0 ? null : found.map(({ detail }) => detail).join(" ");
}

/** Whether something is wrong in the folded part of the form. */
export function useErrorsBelow(...prefixes: readonly string[]): boolean {
  const errors = useContext(Errors);
  return errors.some(({ pointer }) => prefixes.some((prefix) => pointer.startsWith(prefix)));
}
