"use client";

import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { useServerInsertedHTML } from "next/navigation";
import { type ReactNode, useState } from "react";

type Inserted = { name: string; isGlobal: boolean };

/** A style cache that remembers what was inserted since it was last asked. */
function rememberingCache() {
  const cache = createCache({ key: "cf" });
  cache.compat = true;
  let fresh: Inserted[] = [];
  const insert = cache.insert;
  cache.insert = (selector, serialized, sheet, shouldCache) => {
    const { name } = serialized;
    if (cache.inserted[name] === undefined) fresh.push({ name, isGlobal: selector === "" });
    return insert(selector, serialized, sheet, shouldCache);
  };
  const flush = () => {
    const flushed = fresh;
    fresh = [];
    return flushed;
  };
  return { cache, flush };
}

/** Puts Emotion's styles into the head: inside the tree they break hydration. */
export function EmotionRegistry({ children }: { children: ReactNode }) {
  const [{ cache, flush }] = useState(rememberingCache);
  useServerInsertedHTML(() => {
    const fresh = flush().filter(({ name }) => typeof cache.inserted[name] === "string");
    const scoped = fresh.filter(({ isGlobal }) => !isGlobal).map(({ name }) => name);
    const css = (name: string) => ({ __html: String(cache.inserted[name]) });
    return (
      <>
        {fresh
          .filter(({ isGlobal }) => isGlobal)
          .map(({ name }) => (
            <style
              key={name}
              data-emotion={`${cache.key}-global ${name}`}
              // biome-ignore lint/security/noDangerouslySetInnerHtml: styles of our own making
              dangerouslySetInnerHTML={css(name)}
            />
          ))}
        {scoped.length > 0 && (
          <style
            data-emotion={`${cache.key} ${scoped.join(" ")}`}
            // biome-ignore lint/security/noDangerouslySetInnerHtml: styles of our own making
            dangerouslySetInnerHTML={{
              __html: scoped.map((name) => cache.inserted[name]).join(""),
            }}
          />
        )}
      </>
    );
  });
  return <CacheProvider value={cache}>{children}</CacheProvider>;
}
