@tool
extends RefCounted
## A picture on its way: what is dispatched for it, in order, cut into pieces as small as a frame's budget wants them.

const GpuUniforms := preload("gpu_uniforms.gd")


## One dispatch, or many of them: rows of tiles, each of which can be left for a later frame. Pictures may share it.
class Step:
	extends RefCounted
	var pipeline := RID()
	var uniforms: GpuUniforms
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

	## Some of a stage's rows: [param count] of them after the first [param skipped].
	func part(skipped: int, count: int) -> Step:
		var some := Step.new()
		some.pipeline = pipeline
		some.uniforms = uniforms
		some.push = push.duplicate()
		some.push.encode_s32(4, row + skipped)
		some.groups = Vector2i(groups.x, count)
		return some


## Told when the last step is on its way to the graphics card.
var done: Callable
var steps: Array[Step] = []
## What the dispatches read: the pose, and the buffer that it is brought to before all others.
var pose := PackedByteArray()
var pose_buffer := RID()
## What it is shown by, of [member size] pixels: the finished picture is copied there at last. An invalid RID when
## nobody is to see it.
var target := RID()
## Where the finished picture is; an invalid RID: where all of the picture's own size are.
var finished := RID()
var size := Vector2i.ZERO
## What else is done with the finished picture, on the render thread; the last thing of all.
var finish: Callable
## A number of its own, and its user's, by which its times are known.
var id := 0
var user := 0
## Multiply-adds of what was taken last.
var spent := 0.0

var _step := 0
var _row := 0


## Whether nothing of it was taken yet.
func is_fresh() -> bool:
	return _step == 0 and _row == 0


## Whether nothing is left.
func is_over() -> bool:
	return _step == steps.size()


## The next dispatches, for at most so many multiply-adds but one row at least; [member spent] then says how many.
func take(allowance: float) -> Array[Step]:
	var taken: Array[Step] = []
	spent = 0.0
	while _step < steps.size():
		var step := steps[_step]
		if step.is_stage:
			var rest := step.groups.y - _row
			var rows := rest
			if allowance - spent < rows * step.cost:
				rows = floori((allowance - spent) / step.cost)
				if rows < 1 and spent > 0.0:
					break
				rows = maxi(rows, 1)
			spent += rows * step.cost
			if rows < step.groups.y:
				taken.append(step.part(_row, rows))
				_row += rows
				if rows < rest:
					break
				_row = 0
			else:
				taken.append(step)
		else:
			taken.append(step)
		_step += 1
	return taken
