namespace Subp.Compiler;

/// <summary>How far the block pattern of a sparse convolution goes into the instruction stream.</summary>
public enum UnrollMode
{
    /// <summary>The planner chooses per layer.</summary>
    Auto,

    /// <summary>Straight-line code with the pattern in it, for every layer within the code budget.</summary>
    Full,

    /// <summary>Taps in code, kept blocks in tables, for every layer.</summary>
    Taps,

    /// <summary>The pattern stays in tables, taps included.</summary>
    Never,
}
