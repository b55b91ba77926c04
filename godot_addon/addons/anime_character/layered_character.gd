@tool
extends "anime_character_parameters.gd"
## What a character shows: its parameters, with expressions, helper nodes and overrides on top.
##
## The properties are the base pose. The layers above them, in order: mocap, expression, look, motion, lip-sync, blink,
## spring, code; pose/pose_layers.gd says how they add up.

## A blend to an expression has come to its end. The name is empty after [method clear_expression], and for an
## expression without a name.
signal expression_finished(expression_name: StringName)

const PoseLayer := preload("pose/pose_layer.gd")
const PoseLayers := preload("pose/pose_layers.gd")
const ExpressionBlend := preload("pose/expression_blend.gd")
const ExpressionLibrary := preload("pose/expression_library.gd")

const _NO_SUCH_EXPRESSION := "there is no expression named %s; get_expression_names() lists them."

@export_category("Expressions")
## The expression that is shown, by name; empty for none. Setting it blends over [member expression_fade], so that an
## AnimationPlayer can key it.
@export var expression: StringName = &"":
	get:
		return _expression_name
	set(value):
		if value != _expression_name:
			# A scene begins with its expression rather than with a blend to it.
			var seconds := expression_fade if is_inside_tree() else 0.0
			if value.is_empty():
				clear_expression(seconds)
			else:
				express(value, seconds)
## How long a change of [member expression] takes.
@export_range(0.0, 5.0, 0.01, "suffix:s") var expression_fade: float = 0.25
## This node's own expressions by name. They stand above those of the character's file, which stand above the addon's.
@export var expressions: Dictionary[StringName, AnimePose] = {}:
	set(value):
		expressions = value
		_expressions_changed()

# Of the character's file.
var _file_expressions: Dictionary[StringName, AnimePose] = {}
var _layers := PoseLayers.new()
var _expression_blend := ExpressionBlend.new(_layers.open(PoseLayers.Slot.EXPRESSION))
var _expression_name := &""
var _expression_pose: AnimePose
var _expression_weight := 1.0
var _code_layer := _layers.open(PoseLayers.Slot.CODE)
var _shown_pose := PackedFloat32Array()
var _shown_pose_is_old := true


func _init() -> void:
	_layers.changed.connect(_pose_changed)


func _validate_property(property: Dictionary) -> void:
	if property["name"] == "expression":
		property["hint"] = PROPERTY_HINT_ENUM_SUGGESTION
		property["hint_string"] = ",".join(get_expression_names())


## Blends to an expression within [param seconds]. [param weight] tells how much of it: 1 all, 0.5 half. It takes the
## place of the expression that was there. Its end is told by [signal expression_finished].
func express(expression_name: StringName, seconds: float = 0.25, weight: float = 1.0) -> void:
	var pose := find_expression(expression_name)
	# While a scene is being read, one that is not known yet may come with the character.
	if pose == null and is_inside_tree():
		_warn_once(_NO_SUCH_EXPRESSION % expression_name, "expression %s" % expression_name)
		return
	_expression_name = expression_name
	_blend_to(pose, seconds, weight)


## Blends to a pose of your own, as [method express] does to one with a name.
func express_pose(pose: AnimePose, seconds: float = 0.25, weight: float = 1.0) -> void:
	_expression_name = &""
	_blend_to(pose, seconds, weight)


## Blends to several expressions at once, each with its weight: [code]{"joy": 0.6, "surprise": 0.4}[/code]. Weights that
## sum up to more than 1 are scaled down to it.
func express_mix(weights: Dictionary, seconds: float = 0.25) -> void:
	var poses: Array[AnimePose] = []
	var shares := PackedFloat32Array()
	for expression_name: StringName in weights:
		var pose := find_expression(expression_name)
		if pose == null:
			_warn_once(_NO_SUCH_EXPRESSION % expression_name, "expression %s" % expression_name)
			continue
		poses.append(pose)
		shares.append(_checked_weight(weights[expression_name], expression_name))
	_expression_name = &""
	_watch(null)
	_expression_blend.start(poses, shares, seconds)


## Blends back to no expression at all within [param seconds].
func clear_expression(seconds: float = 0.25) -> void:
	_expression_name = &""
	_blend_to(null, seconds, 1.0)


## The pose of an expression: this node's own of that name, else that of the character's file, else the addon's; null
## when there is none.
func find_expression(expression_name: StringName) -> AnimePose:
	for known: Dictionary[StringName, AnimePose] in [expressions, _file_expressions, ExpressionLibrary.poses()]:
		var pose: AnimePose = known.get(expression_name)
		if pose:
			return pose
	return null


## The names of all expressions that there are, in alphabetical order.
func get_expression_names() -> PackedStringArray:
	var names: Dictionary[String, bool] = {}
	for known: Dictionary[StringName, AnimePose] in [expressions, _file_expressions, ExpressionLibrary.poses()]:
		for expression_name in known:
			names[String(expression_name)] = true
	var sorted := PackedStringArray(names.keys())
	sorted.sort()
	return sorted


## Whether a blend between expressions is under way.
func is_expression_blending() -> bool:
	return _expression_blend.is_running


## Lets code have the last word on a parameter: it shows [param value], whatever the property and the layers say, by
## [param weight]. A group's name overrides both sides. The property keeps its own value.
func override_parameter(parameter: StringName, value: float, weight: float = 1.0) -> void:
	var indices := indices_of(parameter)
	if indices.is_empty():
		_warn_once(no_such_parameter(parameter), parameter)
	elif not is_finite(value) or not is_finite(weight):
		_warn_once("%s cannot be overridden by %s." % [parameter, value], "override %s" % parameter)
	for index in indices:
		(
			_code_layer
			. put(
				index,
				clampf(value, PARAMETER_MINIMUMS[index], PARAMETER_MAXIMUMS[index]),
				clampf(weight, 0.0, 1.0),
			)
		)


## Gives a parameter back that [method override_parameter] took; a group's name both sides.
func release_parameter(parameter: StringName) -> void:
	var indices := indices_of(parameter)
	if indices.is_empty():
		_warn_once(no_such_parameter(parameter), parameter)
	for index in indices:
		_code_layer.put(index, 0.0, 0.0)


## Gives all parameters back that [method override_parameter] took.
func release_parameters() -> void:
	_code_layer.clear()


## All 45 parameters as they are shown, with every layer, in the order of [constant PARAMETER_NAMES].
func get_shown_pose() -> PackedFloat32Array:
	return _composed_pose().duplicate()


## The pose without the layers from [param slot] up.
func get_pose_below(slot: PoseLayers.Slot) -> PackedFloat32Array:
	return _layers.compose(_pose, slot)


## A layer of one's own, for a node that moves the character. [method close_layer] takes it away again.
func open_layer(slot: PoseLayers.Slot) -> PoseLayer:
	return _layers.open(slot)


## Takes a layer away.
func close_layer(layer: PoseLayer) -> void:
	_layers.close(layer)


## Goes on with the blend between expressions by [param delta] seconds. The node does so itself every frame.
func advance(delta: float) -> void:
	if _expression_blend.advance(delta):
		expression_finished.emit(expression)


func _pose_changed() -> void:
	# Once until it is composed: nobody has seen what it is in between.
	if not _shown_pose_is_old:
		_shown_pose_is_old = true
		_shown_pose_changed()


# Called when what is shown is no longer what was composed last.
func _shown_pose_changed() -> void:
	pass


# What get_shown_pose() gives, without a copy: not to be changed.
func _composed_pose() -> PackedFloat32Array:
	if _shown_pose_is_old:
		_shown_pose = _layers.compose(_pose)
		_shown_pose_is_old = false
	return _shown_pose


# The character is another one, or none: the expressions of its file, by name.
func _accept_file_expressions(named: Dictionary) -> void:
	_file_expressions.clear()
	for expression_name: String in named:
		_file_expressions[StringName(expression_name)] = AnimePose.from_values(named[expression_name])
	_expressions_changed()
	_check_expression()


# Nothing that could bring the present expression is missing any more.
func _check_expression() -> void:
	if is_inside_tree() and not expression.is_empty() and find_expression(expression) == null:
		_warn_once(_NO_SUCH_EXPRESSION % expression, "expression %s" % expression)


# The pose behind the present name may be another one now.
func _expressions_changed() -> void:
	notify_property_list_changed()
	if not expression.is_empty() and find_expression(expression) != _expression_pose:
		_blend_to(find_expression(expression), expression_fade if is_inside_tree() else 0.0, _expression_weight)


func _blend_to(pose: AnimePose, seconds: float, weight: float) -> void:
	_watch(pose)
	_expression_weight = _checked_weight(weight, _expression_name)
	var poses: Array[AnimePose] = []
	if pose:
		poses.append(pose)
	_expression_blend.start(poses, [_expression_weight] if pose else [], seconds)


# A pose that is edited while it is shown is shown as it is then.
func _watch(pose: AnimePose) -> void:
	if _expression_pose:
		_expression_pose.changed.disconnect(_on_expression_pose_changed)
	_expression_pose = pose
	if pose:
		pose.changed.connect(_on_expression_pose_changed)


func _on_expression_pose_changed() -> void:
	_expression_blend.aim_again([_expression_pose], [_expression_weight])


func _checked_weight(weight: float, expression_name: StringName) -> float:
	if not is_finite(weight) or weight < 0.0 or weight > 1.0:
		_warn_once(
			"an expression's weight is from 0 to 1, but %s has %s." % [expression_name, weight],
			"weight of %s" % expression_name
		)
	return clampf(weight, 0.0, 1.0) if is_finite(weight) else 1.0
