import {
  Archive,
  Check,
  CircleX,
  CloudUpload,
  FilePen,
  type LucideIcon,
  PencilLine,
  TrendingUp,
  TriangleAlert,
} from "lucide-react";
import type { RuleState } from "@/lib/api/types";

export type StateLook = {
  readonly word: string;
  readonly tone: "neutral" | "accent" | "success" | "warning" | "danger";
  readonly icon: LucideIcon;
};

export const stateLooks: Record<RuleState, StateLook> = {
  failed: { word: "Failed", tone: "danger", icon: CircleX },
  drift: { word: "Drift", tone: "warning", icon: TriangleAlert },
  deploying: { word: "Deploying", tone: "accent", icon: CloudUpload },
  "rolling-out": { word: "Rolling out", tone: "accent", icon: TrendingUp },
  "undeployed-changes": { word: "Undeployed changes", tone: "neutral", icon: PencilLine },
  draft: { word: "Draft", tone: "neutral", icon: FilePen },
  live: { word: "Live", tone: "success", icon: Check },
  released: { word: "Released", tone: "neutral", icon: Archive },
};
