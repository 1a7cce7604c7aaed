// oclif maps dist/ back to .ts sources when NODE_ENV is "test"; the build is what we test.
import { settings } from '@oclif/core';

settings.enableAutoTranspile = false;
