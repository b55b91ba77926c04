@tool
extends RefCounted
## One layer of a pose: for every parameter, how much of what lies below it takes away and how much it gives.
##
## The outcome of a parameter is [code]below * (1 - weight) + amount[/code]. To replace what lies below, the amount is
## value times weight; to add to it, the weight is 0. Both kinds blend linearly, so that the middle of two layers shows
## the middle of what they show.

## Something is not what it was; told once, until [member change_is_told] is taken back.
signal changed

const Parameters := preload("../anime_character_parameters.gd")

## Its place in the order; see pose_layers.gd.
var slot := 0
## 45 numbers. Read only.
var amounts := PackedFloat32Array()
## 45 numbers from 0 to 1. Read only.
var weights := PackedFloat32Array()
## Which parameters it may touch: the others need not be looked at. Read only.
var indices := PackedInt32Array()
## Whether the last change has been told.
var change_is_told := false


func _init(slot_of_layer: int = 0) -> void:
	slot = slot_of_layer
	amounts.resize(Parameters.PARAMETER_COUNT)
	weights.resize(Parameters.PARAMETER_COUNT)


## Replaces a parameter: by all of [param value] with the weight 1, by none of it with 0.
func put(index: int, value: float, weight: float = 1.0) -> void:
	_store(index, value * weight, weight)


## Adds to a parameter.
func add(index: int, value: float) -> void:
	_store(index, value, 0.0)


## Sets everything: 45 amounts and 45 weights.
func assign(new_amounts: PackedFloat32Array, new_weights: PackedFloat32Array) -> void:
	if new_amounts == amounts and new_weights == weights:
		return
	amounts = new_amounts.duplicate()
	weights = new_weights.duplicate()
	indices.clear()
	for index in Parameters.PARAMETER_COUNT:
		if amounts[index] != 0.0 or weights[index] != 0.0:
			indices.append(index)
	_tell_change()


## Leaves every parameter to what lies below.
func clear() -> void:
	if not indices.is_empty():
		amounts.fill(0.0)
		weights.fill(0.0)
		indices.clear()
		_tell_change()


func _store(index: int, amount: float, weight: float) -> void:
	if not is_finite(amount) or not is_finite(weight):
		return
	var old_amount := amounts[index]
	var old_weight := weights[index]
	amounts[index] = amount
	weights[index] = weight
	# Compared as they are kept, in 32 bits.
	if amounts[index] != old_amount or weights[index] != old_weight:
		if index not in indices:
			indices.append(index)
		_tell_change()


func _tell_change() -> void:
	if not change_is_told:
		change_is_told = true
		changed.emit()
