namespace Subp.Compiler.Planning.Values;

/// <summary>Where an operand of a kernel lies.</summary>
/// <param name="Memory">The memory.</param>
/// <param name="Number">The offset in floats; of the caller's spans which one it is, in the order of the interface.</param>
internal readonly record struct OperandPlace(OperandMemory Memory, int Number);

/// <summary>The memories of a session that operands lie in.</summary>
internal enum OperandMemory
{
    /// <summary>The arena.</summary>
    Arena,

    /// <summary>What was computed from weights when they were loaded.</summary>
    Constants,

    /// <summary>The weights as they lie in their file; the number is the offset in bytes.</summary>
    Weights,

    /// <summary>The scratch memory of the thread, from its start.</summary>
    Scratch,

    /// <summary>The caller's inputs, which are only read.</summary>
    Input,

    /// <summary>The caller's outputs, which are only written.</summary>
    Output,
}
