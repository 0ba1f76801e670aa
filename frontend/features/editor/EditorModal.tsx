"use client";

import { Button, chakra, Spacer } from "@chakra-ui/react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Confirm } from "@/components/ui/Confirm";
import { Modal } from "@/components/ui/Modal";
import { Trouble } from "@/components/ui/Trouble";
import type { Rule } from "@/lib/api/types";
import { useNavigate } from "@/lib/router";
import { Conflict } from "./Conflict";
import type { Discovered } from "./discovered";
import { ErrorsProvider } from "./errors";
import { FormStep } from "./FormStep";
import { type Editor, useEditor } from "./hooks";
import type { RuleForm } from "./model";
import { PreviewStep } from "./PreviewStep";
import { unplaced } from "./pointers";

/** The keys that do the same as the button they stand in. */
const Keys = chakra("kbd", { base: { fontSize: "2xs", fontFamily: "body" } });

type Props = {
  readonly rule: Rule | null;
  readonly blank: RuleForm;
  readonly discovered: Discovered;
  /** Opened to deploy what is drafted: the preview comes first. */
  readonly toDeploy: boolean;
  close(): void;
};

function Problems({ editor }: { editor: Editor }) {
  const { problem, preview, base, rebase } = editor;
  if (!problem) return null;
  const theirs = problem.current;
  if (theirs) {
    return <Conflict theirs={theirs} base={base} resolve={(keep) => rebase(theirs, keep)} />;
  }
  // Beside the preview there are no fields that could show them.
  const homeless = preview ? problem.errors : unplaced(problem.errors);
  const isMarked = problem.errors.length > homeless.length;
  return (
    <Trouble
      error={problem}
      title={isMarked ? "Some fields need another look" : undefined}
      unplaced={homeless}
      mb="4"
    />
  );
}

/** The one way forward from where the editor is, also by Ctrl-Enter. */
function useNext(editor: Editor, reason: string, deployed: (ruleId: string) => void) {
  const { preview, isBusy, look, deploy } = editor;
  const isBlocked = preview?.findings.some(({ severity }) => severity === "blocker") ?? false;
  const isPointless = preview !== null && !preview.changes;
  const canGoOn = !isBusy && !isBlocked && !isPointless;
  const goOn = () => void (preview ? deploy(reason, deployed) : look());
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !canGoOn) return;
    event.preventDefault();
    goOn();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return { canGoOn, goOn };
}

type FooterProps = {
  readonly editor: Editor;
  readonly next: ReturnType<typeof useNext>;
  close(): void;
  saved(ruleId: string): void;
};

function Footer({ editor, next, close, saved }: FooterProps) {
  const { preview, isBusy, isChanged, isNew, back, saveDraft } = editor;
  return (
    <>
      {(isChanged || isNew) && (
        <Button variant="ghost" ms="-3" disabled={isBusy} onClick={() => saveDraft(saved)}>
          Save draft
        </Button>
      )}
      <Spacer />
      <Button onClick={preview ? back : close}>{preview ? "Back" : "Cancel"}</Button>
      <Button variant="solid" colorPalette="accent" disabled={!next.canGoOn} onClick={next.goOn}>
        {preview ? "Deploy" : "Preview"}
        <Keys hideBelow="md">Ctrl ↵</Keys>
      </Button>
    </>
  );
}

/** The way back from the preview to the first field that something is wrong with. */
function useMending({ preview, back }: Editor): () => void {
  const isWanted = useRef(false);
  useEffect(() => {
    if (preview || !isWanted.current) return;
    isWanted.current = false;
    document.querySelector<HTMLElement>("[role=dialog] [aria-invalid=true]")?.focus();
  }, [preview]);
  return () => {
    isWanted.current = true;
    back();
  };
}

export function EditorModal({ rule, blank, discovered, toDeploy, close }: Props) {
  const editor = useEditor(rule, blank);
  const [reason, setReason] = useState("");
  const [isLeaving, setLeaving] = useState(false);
  const navigate = useNavigate();
  const toRule = (ruleId: string) => navigate(`/rule/?id=${ruleId}`);
  const next = useNext(editor, reason, toRule);
  const lookAtOnce = useEffectEvent(() => void editor.look());
  useEffect(() => {
    if (toDeploy) lookAtOnce();
  }, [toDeploy]);
  const leave = () => (editor.isChanged ? setLeaving(true) : close());
  const mend = useMending(editor);
  const { form, preview, problem, marks, edit, isNew } = editor;
  return (
    <>
      <Modal
        title={isNew ? "New traffic rule" : `${form.serviceName} in ${form.namespace}`}
        wide={preview !== null}
        close={leave}
        footer={<Footer editor={editor} next={next} close={leave} saved={toRule} />}
      >
        <Problems editor={editor} />
        {preview ? (
          <PreviewStep {...{ preview, form, reason, setReason, mend }} />
        ) : (
          <ErrorsProvider value={[...(problem?.errors ?? []), ...marks]}>
            <FormStep form={form} edit={edit} isNew={rule === null} discovered={discovered} />
          </ErrorsProvider>
        )}
      </Modal>
      {isLeaving && (
        <Confirm
          title="Throw away your changes?"
          act="Throw away"
          cancel="Keep editing"
          confirm={close}
          close={() => setLeaving(false)}
        >
          What you changed in this form is not saved yet.
        </Confirm>
      )}
    </>
  );
}
