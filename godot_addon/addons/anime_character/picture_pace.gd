@tool
extends RefCounted
## When the next picture may be asked for, so that no more than so many a second are.

## The most pictures a second; 0: no limit.
var most_per_second := 0:
	set(value):
		most_per_second = maxi(value, 0)
		_due_usec = 0

# On the clock of Time.get_ticks_usec.
var _due_usec := 0


## Whether one may be asked for now.
func is_due(now_usec: int = Time.get_ticks_usec()) -> bool:
	return now_usec >= _due_usec


## Notes that one was.
func step(now_usec: int = Time.get_ticks_usec()) -> void:
	if most_per_second > 0:
		# On a grid of even steps, so that the rate is met on average; after a pause the grid begins anew.
		var length := floori(1e6 / most_per_second)
		_due_usec = (_due_usec if now_usec - _due_usec < length else now_usec) + length
