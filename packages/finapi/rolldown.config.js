// Bundles each entry of the package by itself: a consumer's start finds and loads one file. They share no state.
const entries = ['index', 'access', 'access-v1', 'web-form', 'flows', 'webhooks'];

export default entries.map((name) => ({
  input: { [name]: `src/${name}.ts` },
  external: /^@finapi-ts\//,
  platform: 'neutral',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js' },
}));
