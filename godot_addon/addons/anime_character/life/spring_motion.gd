@tool
extends RefCounted
## A mass on a damped spring that is drawn to a target: position and velocity of one number.
##
## Each step is the exact solution of the equation of motion (x'' + 2 d w x' + w^2 (x - target) = 0), so that it is
## stable whatever the step, and two steps towards one target are the same as one of twice the length.

var position := 0.0
var velocity := 0.0


## Goes on by [param delta] seconds towards [param target]. [param frequency]: undamped oscillations a second.
## [param damping]: below 1 it overshoots, at 1 it arrives as fast as it can without, above 1 it creeps.
func advance(target: float, frequency: float, damping: float, delta: float) -> void:
	var w := TAU * frequency
	var offset := position - target
	if is_equal_approx(damping, 1.0):
		var slope := velocity + w * offset
		var decay := exp(-w * delta)
		position = target + (offset + slope * delta) * decay
		velocity = (velocity - w * slope * delta) * decay
	elif damping < 1.0:
		var swing := w * sqrt(1.0 - damping * damping)
		var sine_part := (velocity + damping * w * offset) / swing
		var decay := exp(-damping * w * delta)
		var c := cos(swing * delta)
		var s := sin(swing * delta)
		position = target + (offset * c + sine_part * s) * decay
		velocity = (
			((sine_part * swing - damping * w * offset) * c - (offset * swing + damping * w * sine_part) * s) * decay
		)
	else:
		var root := w * sqrt(damping * damping - 1.0)
		var slow := root - damping * w
		var fast := -root - damping * w
		var slow_part := (velocity - fast * offset) / (slow - fast)
		var fast_part := offset - slow_part
		position = target + slow_part * exp(slow * delta) + fast_part * exp(fast * delta)
		velocity = slow_part * slow * exp(slow * delta) + fast_part * fast * exp(fast * delta)


## Puts it at rest somewhere.
func rest_at(place: float) -> void:
	position = place
	velocity = 0.0
