using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Loops;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Reductions;

/// <summary>Writes the passes of a reduction through the elements of a result, or of as many results as a vector has lanes.</summary>
internal sealed class ReductionPasses(CSharpWriter writer, ReductionPlan plan, VectorDialect vectors)
{
    private readonly ReductionLoops _loops = plan.Loops;
    private string _distance = "";
    private string? _count;

    private int Run => _loops.Extents.Count - 1;

    private int Target => _loops.Operands.Count - 1;

    /// <summary>Says which lanes of the kept run the next passes compute.</summary>
    public void At(string distance, string? count) => (_distance, _count) = (distance, count);

    /// <summary>Writes a pass that combines all elements into a local.</summary>
    /// <param name="name">The local.</param>
    /// <param name="identity">What changes nothing when it is combined.</param>
    /// <param name="combine">The local with another vector.</param>
    /// <param name="across">All lanes of the local combined, in all lanes; used where vectors run along what is combined.</param>
    /// <param name="map">The function of each element that is combined; its operand is a local.</param>
    /// <param name="stores">Whether the function of each element is written to the target as well.</param>
    public void Combine(
        string name,
        string identity,
        Func<string, string> combine,
        string across,
        Func<string, string>? map = null,
        bool stores = false
    )
    {
        writer.Line($"{vectors.Type} {name} = {vectors.Constant(identity)};");
        Walk(
            (vector, _) =>
            {
                writer.Line($"{vectors.Type} x = {vector.Load("row")};");
                if (map is not null)
                    writer.Line($"x = {map("x")};");
                if (stores)
                    writer.Line(vector.Store("result", "x"));
                // Lanes beyond the run must not count; those beyond the results are never stored.
                var value =
                    _loops.IsAlong && vector.Count is not null ? $"KeepFirst(x, {vector.Count}, {vectors.Constant(identity)})" : "x";
                writer.Line($"{name} = {combine(value)};");
            },
            [("source", 0, "row"), .. stores ? ((string, int, string)[])[("target", Target, "result")] : []]
        );
        if (_loops.IsAlong)
            writer.Line($"{name} = {across};");
    }

    /// <summary>Writes a pass that computes every element of the target.</summary>
    /// <param name="value">The value from the element, a local, and from other operands at the same place.</param>
    /// <param name="fromTarget">Whether the elements are read from the target, where a pass stored them.</param>
    public void Map(Func<string, Func<string, int, string>, string> value, bool fromTarget = false)
    {
        List<(string, int, string)> pointers = [(fromTarget ? "target" : "source", fromTarget ? Target : 0, "row")];
        if (!fromTarget)
            pointers.Add(("target", Target, "result"));
        if (plan.Factors.Scale >= 0)
            pointers.Add(("scales", plan.Factors.Scale, "scaleRow"));
        if (plan.Factors.Shift >= 0)
            pointers.Add(("shifts", plan.Factors.Shift, "shiftRow"));
        Walk(
            (vector, load) =>
            {
                writer.Line($"{vectors.Type} x = {vector.Load("row")};");
                writer.Line(vector.Store(fromTarget ? "row" : "result", value("x", load)));
            },
            pointers
        );
    }

    /// <summary>Writes the store of what was combined.</summary>
    public void StoreResult(string value)
    {
        if (_loops.IsAlong)
            writer.Line($"*target = {VectorMathematics.Simd(vectors)}.ToScalar({value});");
        else
            writer.Line(new RunVector(vectors, _distance, _count).Store("target", value));
    }

    /// <summary>Writes the search for the place of the largest or smallest element, along one axis.</summary>
    public void WriteSearch(ArgExtreme search)
    {
        var better = (search.IsMinimum ? "<" : ">") + (search.SelectsLast ? "=" : "");
        if (_loops.IsAlong)
        {
            writer.Line("int best = 0;");
            writer.Line($"for (int i = 1; i < {_loops.Extents[Run]}; i++)");
            using (writer.Indented())
                writer.Line($"best = source[i] {better} source[best] ? i : best;");
            writer.Line("*target = best;");
            return;
        }

        var simd = VectorMathematics.Simd(vectors);
        var compare = (search.IsMinimum ? "LessThan" : "GreaterThan") + (search.SelectsLast ? "OrEqual" : "");
        var first = new RunVector(vectors, _distance, _count);
        writer.Line($"{vectors.Type} best = {first.Load("source")};");
        writer.Line($"{vectors.Type} place = {vectors.Zero};");
        using (writer.Block($"for (int r = 1; r < {_loops.Extents[Run]}; r++)"))
        {
            writer.Line($"{vectors.Type} x = {first.Load(Invariant($"source + r * {_loops.Operands[0].Strides[Run]}"))};");
            writer.Line($"{vectors.Type} isBetter = {simd}.{compare}(x, best);");
            writer.Line($"best = {simd}.ConditionalSelect(isBetter, x, best);");
            writer.Line($"place = {simd}.ConditionalSelect(isBetter, {vectors.Constant("(float)r")}, place);");
        }

        writer.Line(first.Store("target", "place"));
    }

    // The loops over what is combined; the body computes one vector.
    private void Walk(
        Action<RunVector, Func<string, int, string>> body,
        IReadOnlyList<(string Pointer, int Operand, string Local)> pointers
    )
    {
        var loops = _loops.IsAlong ? Run : _loops.Extents.Count;
        WriteAxis(0);

        void WriteAxis(int axis)
        {
            if (axis < loops)
            {
                using (writer.Block($"for (int r{axis} = 0; r{axis} < {_loops.Extents[axis]}; r{axis}++)"))
                    WriteAxis(axis + 1);
                return;
            }

            if (loops == 0)
            {
                using (writer.Block())
                    WriteRow();
                return;
            }

            WriteRow();
        }

        void WriteRow()
        {
            foreach (var (pointer, operand, local) in pointers)
            {
                var address = pointer;
                for (var axis = 0; axis < loops; axis++)
                {
                    if (_loops.Operands[operand].Strides[axis] is not 0 and var stride)
                        address += Invariant($" + {KernelText.Scaled(Invariant($"r{axis}"), stride)}");
                }

                writer.Line($"float* {local} = {address};");
            }

            if (_loops.IsAlong)
                RunWriter.Write(
                    writer,
                    vectors,
                    Invariant($"{_loops.Extents[Run]}"),
                    1,
                    vector => body(vector, (pointer, operand) => Operand(vector, Local(pointer), _loops.Operands[operand].Strides[Run]))
                );
            else
                body(
                    new RunVector(vectors, _distance, _count),
                    (pointer, operand) =>
                        Operand(
                            new RunVector(vectors, _distance, _count),
                            Local(pointer),
                            _loops.Kept.Operands[operand].Strides[_loops.Kept.Extents.Count - 1]
                        )
                );
        }

        string Local(string pointer) => pointers.First(entry => entry.Pointer == pointer).Local;
    }

    private string Operand(RunVector vector, string pointer, int stride) => stride == 0 ? vectors.Broadcast(pointer) : vector.Load(pointer);
}
