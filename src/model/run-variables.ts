/** What a run says of itself in templates, as `.Run.ID` and so on; what is not known is empty there. */
export interface RunVariables {
  readonly ID: string;
  readonly TaskName: string;
  /** The login server. */
  readonly Registry: string;
  readonly RegistryName: string;
  /** When it was queued, `20261124-034743z`. */
  readonly Date: string;
  readonly OS: string;
  readonly OSVersion?: string;
  readonly Architecture: string;
  /** What started it; empty when somebody asked for it. */
  readonly TriggeredBy: string;
  /** Of a trigger; otherwise the agent says what the source is. */
  readonly Repository?: string;
  readonly Branch?: string;
  readonly Commit?: string;
  readonly GitTag?: string;
}
