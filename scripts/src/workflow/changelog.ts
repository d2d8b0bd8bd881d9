// What a changeset becomes in a package's CHANGELOG.md: its own words. Loaded by changesets, which .changeset/config.json tells so.

interface Changeset {
  readonly summary: string;
}

interface Release {
  readonly name: string;
  readonly newVersion: string;
}

export default {
  /** The words as they stand; what a comparison of documents calls breaking goes where `npm run compat` looks for it. */
  getReleaseLine({ summary }: Changeset): string {
    return `${summary.trim().replace(/^### Breaking changes$/m, '### Breaks')}\n\n`;
  },

  getDependencyReleaseLine(_: readonly Changeset[], releases: readonly Release[]): string {
    if (releases.length === 0) return '';
    return `Works with ${releases.map(({ name, newVersion }) => `${name} ${newVersion}`).join(', ')}.\n\n`;
  },
};

/** Without the headings that changesets puts above lines of one bump; ours say what changed, not how the version did. */
export const withoutBumps = (text: string): string => text.replace(/^### (Major|Minor|Patch) Changes\n+/gm, '');
