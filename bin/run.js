#!/usr/bin/env node
// Starts the command line. The compiled commands in dist/ are run as they are: no transpiling on the way.
// --version is answered here, because loading the command framework takes three times as long as Node's own start.
import { readFileSync } from 'node:fs';

if (process.argv.length === 3 && process.argv[2] === '--version') {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const { execute, settings } = await import('@oclif/core');
  settings.enableAutoTranspile = false;
  await execute({ dir: import.meta.url });
}
