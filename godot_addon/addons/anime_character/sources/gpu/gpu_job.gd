@tool
extends RefCounted
## A picture on its way: what is dispatched for it, in order, cut into pieces as small as a frame's budget wants them.


## One dispatch, or many of them: rows of tiles, each of which can be left for a later frame. Pictures may share it.
class Step:
	extends RefCounted
	var pipeline := RID()
	var uniforms := RID()
	## What the shader is told: of a stage, its first tile's place first.
	var push := PackedByteArray()
	## Work groups: of a stage, a tile each.
	var groups := Vector2i.ZERO
	## A stage's first row of tiles.
	var row := 0
	## Whether it is a stage, whose rows can be left for later.
	var is_stage := false
	## Multiply-adds of a row.
	var cost := 0.0


## Told when the last step is on its way to the graphics card.
var done: Callable
var steps: Array[Step] = []
## Brings what the dispatches read to the graphics card, on the render thread; the first thing of all.
var begin: Callable
## What it is shown by; an invalid RID when nobody is to see it.
var target := RID()
## Copies the finished picture out of the scratch memory, on the render thread; the last thing of all.
var finish: Callable
## A number of its own, and its user's, by which its times are known.
var id := 0
var user := 0

var _step := 0
var _row := 0


## Whether nothing of it was taken yet.
func is_fresh() -> bool:
	return _step == 0 and _row == 0


## Whether nothing is left.
func is_over() -> bool:
	return _step == steps.size()


## The next dispatches, for at most so many multiply-adds but one row at least; each an array of pipeline, set, push
## constants, and groups in x and y. [param spent] gets the multiply-adds.
func take(allowance: float, spent: PackedFloat64Array) -> Array[Array]:
	var dispatches: Array[Array] = []
	var left := allowance
	var total := 0.0
	while _step < steps.size():
		var step := steps[_step]
		if not step.is_stage:
			dispatches.append([step.pipeline, step.uniforms, step.push, step.groups.x, step.groups.y])
			_step += 1
			continue
		var rows := step.groups.y - _row
		if left < rows * step.cost:
			rows = floori(left / step.cost)
		if rows < 1 and total > 0.0:
			break
		rows = maxi(rows, 1)
		var push := step.push
		if _row > 0:
			push = push.duplicate()
			push.encode_s32(4, step.row + _row)
		dispatches.append([step.pipeline, step.uniforms, push, step.groups.x, rows])
		left -= rows * step.cost
		total += rows * step.cost
		_row += rows
		if _row < step.groups.y:
			break
		_row = 0
		_step += 1
	spent.append(total)
	return dispatches
