// Use case: how captures are made.

import { usageError } from '../../base/errors.js';
import { nearestName } from '../../base/nearest.js';
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
  const kinds = RECIPES.map((each) => each.kind);
  const nearest = nearestName(kind, kinds);
  throw usageError(`there is no kind of capture called "${kind}"`, [...(nearest === undefined ? [] : [nearest]), `The kinds are ${kinds.join(', ')}.`]);
}
