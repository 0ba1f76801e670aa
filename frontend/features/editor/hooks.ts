"use client";

import { useState } from "react";
import { LOOK_AGAIN_MS } from "@/features/pods/hooks";
import { answered, client, useApi, useRevalidate } from "@/lib/api/client";
import { type ApiError, asApiError, type FieldError } from "@/lib/api/problem";
import type { Preview, Rule } from "@/lib/api/types";
import { type Discovered, NOTHING_FOUND } from "./discovered";
import { formOf, inputOf, type RuleForm, sendSame, shapeOf } from "./model";
import { marksOf } from "./pointers";

/** The rule as the API has it, which is what a save is based on. */
type Saved = { readonly id: string; readonly edition: number; readonly form: RuleForm };

function savedFrom(rule: Rule): Saved {
  return { id: rule.id, edition: rule.edition, form: formOf(rule) };
}

async function store(saved: Saved | null, form: RuleForm): Promise<Saved> {
  const body = inputOf(form);
  if (saved === null) return savedFrom(await answered(client.POST("/api/rules", { body })));
  if (sendSame(saved.form, form)) return saved;
  const header = { "If-Match": `"${saved.edition}"` };
  const params = { path: { rule_id: saved.id }, header };
  return savedFrom(await answered(client.PUT("/api/rules/{rule_id}", { params, body })));
}

async function requestDeploy({ id, edition }: Saved, reason: string): Promise<void> {
  const header = { "If-Match": `"${edition}"`, prefer: "wait=1" };
  const params = { path: { rule_id: id }, header };
  const body = { reason: reason.trim() || null };
  await answered(client.POST("/api/deploy-rule/{rule_id}", { params, body }));
}

/** Runs one act at a time and keeps what went wrong. */
function useAttempts() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (thrown) {
      setProblem(asApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, problem, clear: () => setProblem(null), attempt };
}

/** The form of one rule on its way to a draft or a deploy. */
export function useEditor(rule: Rule | null, blank: RuleForm) {
  const [saved, setSaved] = useState(rule && savedFrom(rule));
  const [form, setForm] = useState(saved?.form ?? blank);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [marks, setMarks] = useState<readonly FieldError[]>([]);
  const { isBusy, problem, clear, attempt } = useAttempts();
  const revalidate = useRevalidate();

  const edit = (change: (form: RuleForm) => RuleForm) => {
    const next = change(form);
    // Pointers into rows that moved would point at the wrong ones.
    if (shapeOf(next) !== shapeOf(form)) {
      clear();
      setMarks([]);
    }
    setForm(next);
  };
  const save = async () => {
    const stored = await store(saved, form);
    setSaved(stored);
    void revalidate(["/api/rules"]);
    void revalidate(["/api/rules/{rule_id}", { params: { path: { rule_id: stored.id } } }]);
    return stored;
  };
  const look = () =>
    attempt(async () => {
      const body = { ...inputOf(form), ...(saved && { id: saved.id }) };
      const answer = await answered(client.POST("/api/preview", { body }));
      setPreview(answer);
      setMarks(marksOf(answer.findings));
    });
  return {
    form,
    preview,
    problem,
    /** What the last preview found in the way, at the fields where it can be mended. */
    marks,
    isBusy,
    isNew: saved === null,
    isChanged: !sendSame(saved?.form ?? blank, form),
    edit,
    look,
    back: () => setPreview(null),
    saveDraft: (then: (ruleId: string) => void) => attempt(async () => then((await save()).id)),
    deploy: (reason: string, then: (ruleId: string) => void) =>
      attempt(async () => {
        const stored = await save();
        await requestDeploy(stored, reason);
        then(stored.id);
      }),
    /** After a conflict: go on from the other edit, with our input or with theirs. */
    rebase: (theirs: Rule, keep: "mine" | "theirs") => {
      setSaved(savedFrom(theirs));
      if (keep === "theirs") setForm(formOf(theirs));
      setPreview(null);
      setMarks([]);
      clear();
    },
    base: saved?.form ?? null,
  };
}

export type Editor = ReturnType<typeof useEditor>;
export type Edit = Editor["edit"];

/** The services around us, looked at again and again: their pods come and go. */
export function useDiscovered(): { discovered: Discovered; isKnown: boolean } {
  const { data, error } = useApi("/api/services", {}, { refreshInterval: LOOK_AGAIN_MS });
  const trouble = error ? asApiError(error).message : null;
  const discovered = { services: data?.items ?? NOTHING_FOUND.services, trouble };
  return { discovered, isKnown: data !== undefined || trouble !== null };
}
