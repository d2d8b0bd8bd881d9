// Bundles each entry of the package, what they share in chunks: a consumer's start finds and loads few files.
export default {
  input: { index: 'src/index.ts', opentelemetry: 'src/opentelemetry.ts', 'stores/memory': 'src/stores/memory.ts' },
  platform: 'neutral',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
};
