import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

const api = process.env.CROSSFADE_API ?? "http://127.0.0.1:4000";

const shared: NextConfig = {
  trailingSlash: true,
  skipTrailingSlashRedirect: true,
  // A fixed id makes two builds of one source the same, byte for byte.
  generateBuildId: () => "crossfade",
};

export default function config(phase: string): NextConfig {
  if (phase !== PHASE_DEVELOPMENT_SERVER) return { ...shared, output: "export" };
  return {
    ...shared,
    // Compression would hold back the event stream.
    compress: false,
    rewrites: async () => [{ source: "/api/:path*", destination: `${api}/api/:path*` }],
  };
}
