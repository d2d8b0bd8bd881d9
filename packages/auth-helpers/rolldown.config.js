// Bundles each entry of the package by itself: a consumer's start finds and loads one file. They share no state.
const entries = ['index', 'opentelemetry', ...['encrypted', 'file', 'memory', 'postgres', 'redis'].map((name) => `stores/${name}`)];

export default entries.map((name) => ({
  input: { [name]: `src/${name}.ts` },
  platform: 'neutral',
  external: /^node:/,
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js' },
}));
