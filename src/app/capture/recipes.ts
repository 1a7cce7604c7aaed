// Use case: how captures are made.

import { usageError } from '../../base/errors.js';
import { namesToTry } from '../../base/nearest.js';
import { GUEST_RECIPES } from './guest.js';
import { HOST_RECIPES } from './host.js';
import { QEMU_RECIPES } from './qemu.js';
import type { Recipe } from './recipe.js';

/** Every kind of capture, QEMU's first. */
export const RECIPES: readonly Recipe[] = [...QEMU_RECIPES, ...HOST_RECIPES, ...GUEST_RECIPES];

/** The recipe of that kind. Throws a usageError that lists the kinds. */
export function recipeOf(kind: string): Recipe {
  const recipe = RECIPES.find((each) => each.kind === kind);
  if (recipe !== undefined) return recipe;
  throw usageError(`there is no kind of capture called "${kind}"`, namesToTry(kind, RECIPES.map((each) => each.kind), 'The kinds are'));
}
