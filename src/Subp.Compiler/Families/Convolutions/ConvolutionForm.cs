namespace Subp.Compiler.Families.Convolutions;

/// <summary>How the blocks and taps of a convolution are written as code.</summary>
internal enum ConvolutionForm
{
    /// <summary>Every input channel is read: a counted loop over channels, taps in code, no table.</summary>
    Dense,

    /// <summary>The pattern is the instruction stream: one method per group (and segment), one stretch of code per kept block.</summary>
    StraightLine,

    /// <summary>Taps in code, kept blocks in a static table: one table entry per block.</summary>
    TapUnrolled,

    /// <summary>Taps are loops and kept blocks are a static table: the smallest code.</summary>
    Table,
}
