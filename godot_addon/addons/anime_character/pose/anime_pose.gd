@tool
@icon("../icon.svg")
class_name AnimePose
extends Resource
## A partial pose: only the parameters it sets, each with a value and a weight. Expressions are such poses.
##
## In the inspector a ticked parameter is set. Its weight tells how much of what lies below is replaced: 1 all of it,
## 0.5 half of it. What is not set is left to what lies below (see pose_layers.gd).

const Parameters := preload("../anime_character_parameters.gd")
const _WEIGHTS := "weights/"

var _values := PackedFloat32Array()
var _weights := PackedFloat32Array()
var _is_set := PackedByteArray()


func _init() -> void:
	_values.resize(Parameters.PARAMETER_COUNT)
	_weights.resize(Parameters.PARAMETER_COUNT)
	_weights.fill(1.0)
	_is_set.resize(Parameters.PARAMETER_COUNT)


func _get_property_list() -> Array[Dictionary]:
	var properties: Array[Dictionary] = []
	var category := ""
	for index in Parameters.PARAMETER_COUNT:
		if Parameters.PARAMETER_CATEGORIES[index] != category:
			category = Parameters.PARAMETER_CATEGORIES[index]
			properties.append(_describe(category.capitalize(), TYPE_NIL, "", PROPERTY_USAGE_GROUP))
		var bounds := "%s,%s,0.001" % [Parameters.PARAMETER_MINIMUMS[index], Parameters.PARAMETER_MAXIMUMS[index]]
		var usage: int = PROPERTY_USAGE_EDITOR | PROPERTY_USAGE_CHECKABLE
		if _is_set[index]:
			usage |= PROPERTY_USAGE_CHECKED | PROPERTY_USAGE_STORAGE
		properties.append(_describe(Parameters.PARAMETER_NAMES[index], TYPE_FLOAT, bounds, usage))
	properties.append(_describe("Weights", TYPE_NIL, _WEIGHTS, PROPERTY_USAGE_GROUP))
	for index in Parameters.PARAMETER_COUNT:
		if _is_set[index]:
			var usage: int = PROPERTY_USAGE_EDITOR
			if _weights[index] != 1.0:
				usage |= PROPERTY_USAGE_STORAGE
			properties.append(_describe(_WEIGHTS + Parameters.PARAMETER_NAMES[index], TYPE_FLOAT, "0,1,0.01", usage))
	return properties


func _get(property: StringName) -> Variant:
	var index := Parameters.PARAMETER_NAMES.find(String(property).trim_prefix(_WEIGHTS))
	if index < 0:
		return null
	return _weights[index] if property.begins_with(_WEIGHTS) else _values[index]


func _set(property: StringName, value: Variant) -> bool:
	var index := Parameters.PARAMETER_NAMES.find(String(property).trim_prefix(_WEIGHTS))
	if index < 0:
		return false
	if property.begins_with(_WEIGHTS):
		_weights[index] = clampf(_number(value, 1.0), 0.0, 1.0)
		emit_changed()
	elif value == null:
		_unset(index)
	else:
		_put(index, _number(value, 0.0), _weights[index])
	return true


func _property_can_revert(property: StringName) -> bool:
	return String(property).trim_prefix(_WEIGHTS) in Parameters.PARAMETER_NAMES


func _property_get_revert(property: StringName) -> Variant:
	return 1.0 if property.begins_with(_WEIGHTS) else 0.0


## A pose of values by name; a group's name sets both sides. Names that are no parameter's and values that are no finite
## number are left out with a warning.
static func from_values(values: Dictionary) -> AnimePose:
	var pose := AnimePose.new()
	for parameter: Variant in values:
		var value: Variant = values[parameter]
		var is_name := parameter is String or parameter is StringName
		if not is_name or Parameters.indices_of(parameter).is_empty():
			push_warning("%s AnimePose leaves it out." % Parameters.no_such_parameter(str(parameter)))
		elif not (value is float or value is int) or not is_finite(value):
			push_warning("%s is %s, which is no finite number: AnimePose leaves it out." % [parameter, value])
		else:
			for index in Parameters.indices_of(parameter):
				pose._put(index, value, 1.0)
	return pose


## A pose that sets every parameter that is not at rest in a whole pose of 45 numbers.
static func from_pose(numbers: PackedFloat32Array) -> AnimePose:
	var pose := AnimePose.new()
	for index in mini(numbers.size(), Parameters.PARAMETER_COUNT):
		if numbers[index] != 0.0:
			pose._put(index, numbers[index], 1.0)
	return pose


## Sets a parameter; a group's name sets both sides. Out of range is clamped. False when there is no such parameter or
## the value is no finite number.
func set_value(parameter: StringName, value: float, weight: float = 1.0) -> bool:
	var indices := Parameters.indices_of(parameter)
	for index in indices:
		_put(index, value, weight)
	return not indices.is_empty() and is_finite(value) and is_finite(weight)


## Leaves a parameter to what lies below; a group's name both sides.
func unset_value(parameter: StringName) -> void:
	for index in Parameters.indices_of(parameter):
		_unset(index)


## Whether a parameter is set; for a group's name, whether its left side is.
func sets(parameter: StringName) -> bool:
	var indices := Parameters.indices_of(parameter)
	return not indices.is_empty() and _is_set[indices[0]] == 1


## A parameter's value, 0 when it is not set.
func get_value(parameter: StringName) -> float:
	return _values[Parameters.indices_of(parameter)[0]] if sets(parameter) else 0.0


## A parameter's weight, 0 when it is not set.
func get_weight(parameter: StringName) -> float:
	return _weights[Parameters.indices_of(parameter)[0]] if sets(parameter) else 0.0


## The names of the parameters that are set, in the order of a pose.
func get_parameters() -> PackedStringArray:
	var names := PackedStringArray()
	for index in Parameters.PARAMETER_COUNT:
		if _is_set[index]:
			names.append(Parameters.PARAMETER_NAMES[index])
	return names


## How much of what lies below is replaced: 45 weights from 0 to 1.
func get_weights() -> PackedFloat32Array:
	var weights := PackedFloat32Array()
	weights.resize(Parameters.PARAMETER_COUNT)
	for index in Parameters.PARAMETER_COUNT:
		if _is_set[index]:
			weights[index] = _weights[index]
	return weights


## What takes its place: 45 numbers, value times weight.
func get_amounts() -> PackedFloat32Array:
	var amounts := get_weights()
	for index in Parameters.PARAMETER_COUNT:
		amounts[index] *= _values[index]
	return amounts


func _put(index: int, value: float, weight: float) -> void:
	if not is_finite(value) or not is_finite(weight):
		return
	var was_set := _is_set[index]
	_values[index] = clampf(value, Parameters.PARAMETER_MINIMUMS[index], Parameters.PARAMETER_MAXIMUMS[index])
	_weights[index] = clampf(weight, 0.0, 1.0)
	_is_set[index] = 1
	if not was_set:
		notify_property_list_changed()
	emit_changed()


func _unset(index: int) -> void:
	if _is_set[index]:
		_is_set[index] = 0
		_values[index] = 0.0
		_weights[index] = 1.0
		notify_property_list_changed()
		emit_changed()


static func _number(value: Variant, otherwise: float) -> float:
	return float(value) if (value is float or value is int) and is_finite(float(value)) else otherwise


static func _describe(property: String, type: Variant.Type, hint_string: String, usage: int) -> Dictionary:
	var hint := PROPERTY_HINT_RANGE if type == TYPE_FLOAT else PROPERTY_HINT_NONE
	return {"name": property, "type": type, "hint": hint, "hint_string": hint_string, "usage": usage}
