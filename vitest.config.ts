import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 120_000,
    // The default leaves a core to the runner, which hardly needs it.
    maxWorkers: '100%',
  },
});
