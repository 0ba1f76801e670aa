import type { ServerEvent } from "@/lib/api/types";
import type { Connection } from "./model";

const ADDRESS = "/api/events";
const NAME = "crossfade-events";
const REOPEN_MS = 2_000;
const OFFLINE_AFTER_MS = 15_000;

export type Hearing = {
  /** Something changed. */
  event(event: ServerEvent): void;
  /** The stream was (re)opened: what happened before is unknown. */
  opened(): void;
  connection(connection: Connection): void;
};

type Message =
  | { kind: "event"; event: ServerEvent }
  | { kind: "opened" }
  | { kind: "connection"; connection: Connection }
  | { kind: "hello" };

/** Keeps an event stream open until the returned function is called. */
function keepOpen(hearing: Hearing): () => void {
  let source: EventSource;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let givingUp: ReturnType<typeof setTimeout> | undefined;
  const lost = () => {
    hearing.connection("reconnecting");
    givingUp ??= setTimeout(() => hearing.connection("offline"), OFFLINE_AFTER_MS);
    if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN_MS);
  };
  const open = () => {
    source = new EventSource(ADDRESS);
    source.onmessage = ({ data }) => hearing.event(JSON.parse(data));
    source.onerror = lost;
    source.onopen = () => {
      clearTimeout(givingUp);
      givingUp = undefined;
      hearing.connection("live");
      hearing.opened();
    };
  };
  open();
  return () => {
    clearTimeout(reopening);
    clearTimeout(givingUp);
    source.close();
  };
}

/** Hears for this tab and passes everything on to the others. */
function forAllTabs(own: Hearing, channel: BroadcastChannel): { hearing: Hearing; tell(): void } {
  let last: Connection = "connecting";
  const send = (message: Message) => channel.postMessage(message);
  const connection = (next: Connection) => {
    last = next;
    own.connection(next);
    send({ kind: "connection", connection: next });
  };
  const hearing: Hearing = {
    connection,
    event: (event) => {
      own.event(event);
      send({ kind: "event", event });
    },
    opened: () => {
      own.opened();
      send({ kind: "opened" });
    },
  };
  return { hearing, tell: () => send({ kind: "connection", connection: last }) };
}

function follow(hearing: Hearing, channel: BroadcastChannel): void {
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "event") hearing.event(data.event);
    if (data.kind === "opened") hearing.opened();
    if (data.kind === "connection") hearing.connection(data.connection);
  };
  channel.postMessage({ kind: "hello" } satisfies Message);
}

function lead(own: Hearing, channel: BroadcastChannel): () => void {
  const { hearing, tell } = forAllTabs(own, channel);
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "hello") tell();
  };
  return keepOpen(hearing);
}

/** One stream for all tabs of this browser: HTTP/1.1 allows six connections to a host in all. */
function shared(hearing: Hearing): () => void {
  const channel = new BroadcastChannel(NAME);
  const leaving = new AbortController();
  const left = new Promise<void>((resolve) => {
    leaving.signal.addEventListener("abort", () => resolve());
  });
  follow(hearing, channel);
  navigator.locks
    .request(NAME, { signal: leaving.signal }, async () => {
      const close = lead(hearing, channel);
      await left;
      close();
    })
    // Leaving while still in the queue rejects; there is nothing to undo then.
    .catch(() => undefined)
    .finally(() => channel.close());
  return () => leaving.abort();
}

/** Without locks (plain http): a stream of our own, closed while nobody looks. */
function whileVisible(hearing: Hearing): () => void {
  let close: (() => void) | undefined;
  const follow = () => {
    close?.();
    close = document.visibilityState === "visible" ? keepOpen(hearing) : undefined;
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    document.removeEventListener("visibilitychange", follow);
    close?.();
  };
}

export function hearEvents(hearing: Hearing): () => void {
  return "locks" in navigator ? shared(hearing) : whileVisible(hearing);
}
