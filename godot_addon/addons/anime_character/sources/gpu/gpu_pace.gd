@tool
extends RefCounted
## How much work fits into a frame's budget, learned from what the last frames' work took on the graphics card.

# Multiply-adds a millisecond of a weak card: what is not known yet must not make the game stutter.
const _CAREFUL := 1.0e8
# What is faster than thought is believed by and by, what is slower at once.
const _TRUST := 0.25
# Shorter times are mostly the clock's own steps.
const _SHORTEST_MS := 0.02

## Multiply-adds a millisecond.
var speed := _CAREFUL


## Multiply-adds for the next frame. [param budget_ms]: 0 for no limit.
func allowance(budget_ms: float) -> float:
	return INF if budget_ms <= 0.0 else speed * budget_ms


## Notes that so many multiply-adds took so long.
func learn(cost: float, took_ms: float) -> void:
	if cost <= 0.0 or took_ms < _SHORTEST_MS:
		return
	var measured := cost / took_ms
	speed = measured if measured < speed else lerpf(speed, measured, _TRUST)
