#!/usr/bin/env node
// Starts the command line. The compiled commands in dist/ are run as they are: no transpiling on the way.
import { execute, settings } from '@oclif/core';

settings.enableAutoTranspile = false;
await execute({ dir: import.meta.url });
