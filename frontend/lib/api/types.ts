import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

export type Rule = Schemas["Rule"];
export type RuleRow = Schemas["RuleRow"];
export type RulePage = Schemas["RulePage"];
export type RuleInput = Schemas["RuleInput"];
export type RuleState = Schemas["RuleState"];
export type RuleType = Schemas["RuleType"];
export type Cohort = Schemas["Cohort"];
export type Condition = Schemas["Condition"];
export type Mirror = Schemas["Mirror"];
export type Policies = Schemas["Policies"];
export type Target = Schemas["Target"];
export type RowTarget = Schemas["RowTarget"];
export type Operation = Schemas["Operation"];
export type Stage = Schemas["Stage"];
export type Preview = Schemas["Preview"];
export type Finding = Schemas["Finding"];
export type Revision = Schemas["Revision"];
export type RevisionDetail = Schemas["RevisionDetail"];
export type RevisionDocument = Schemas["Document"];
export type Drift = Schemas["Drift"];
export type DriftTarget = Schemas["DriftTarget"];
export type RuleMetrics = Schemas["RuleMetrics"];
export type VersionMetrics = Schemas["VersionMetrics"];
export type Service = Schemas["Service"];
export type Backing = Schemas["Backing"];
export type TargetKind = Schemas["TargetKind"];
export type Surrounding = Schemas["Surrounding"];
export type Check = Schemas["Check"];
export type Health = Schemas["Health"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditVerdict = Schemas["AuditVerdict"];
/** What the event stream says: something changed; the news itself is fetched. */
export type ServerEvent = Schemas["EventFrame"];

/** A version and its share, as lists and live splits need it. */
export type Share = { readonly name: string; readonly weight: number };
