// What oclif asks when there is no command of that name: the nearest one is named.

import { Errors, type Hook } from '@oclif/core';
import { EXIT } from '../base/errors.js';
import { nearestName } from '../base/nearest.js';
import { printable } from '../base/text.js';

const commandNotFound: Hook<'command_not_found'> = async function commandNotFound({ id, config }) {
  // oclif takes every word up to the first flag for a part of the name.
  const words = id.split(':');
  const isTopic = config.topics.some(({ name }) => name === words[0]);
  const asked = words.slice(0, isTopic ? 2 : 1).join(' ');
  const names = config.commandIDs.map((each) => each.replaceAll(':', ' '));
  const near = nearestName(asked, names);
  const below = names.filter((name) => name.startsWith(`${words[0]} `));
  const suggestions = near === undefined ? [isTopic ? below.join(', ') : `${config.bin} --help`] : [`Did you mean "${config.bin} ${near}"?`];
  Errors.error(`there is no command "${printable(asked)}"`, { exit: EXIT.usage, suggestions });
};

export default commandNotFound;
