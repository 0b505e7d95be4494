using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Convolutions;
using Subp.Compiler.Planning.Layers;
using Subp.Compiler.Planning.Winograd;
using Subp.Core.Operators;

namespace Subp.Cli.Inspection;

/// <summary>
/// Predicts the time of a layer on one thread from what its kernel executes and from the share of the multiply-add peak that the kernels of its
/// family reach. It is a prediction, for comparing layers and patterns before anything is compiled; <c>subp bench</c> measures.
/// </summary>
/// <param name="peakGigaflops">The peak of one thread in GFLOP/s; a multiply-add counts two.</param>
internal sealed class TimePrediction(double peakGigaflops)
{
    /// <summary>Multiply-adds in a cycle of the planner's Winograd costs: two units of sixteen lanes.</summary>
    private const double LanesPerCycle = 32;

    // Shares of the peak that kernels reach; docs/kernels.md says where they come from. Steps without multiply-adds, and linear layers, which read each
    // weight once, are bound by memory: their share is that of one multiply-add for each value that they read or write.
    private const double Winograd = 0.5;
    private const double DirectWithTaps = 0.85;
    private const double DirectPointwise = 0.55;
    private const double Depthwise = 0.25;
    private const double Memory = 0.05;

    /// <summary>The peak of one thread in GFLOP/s.</summary>
    public double PeakGigaflops => peakGigaflops;

    /// <summary>Microseconds of a layer on one thread.</summary>
    public double Microseconds(LayerPlan layer) => 2e-3 * MultiplyAdds(layer) / (peakGigaflops * Efficiency(layer));

    /// <summary>The work of the kernel: what it executes, not what the layer asks for; padding of blocks and transforms count.</summary>
    public static double MultiplyAdds(LayerPlan layer) => layer switch
    {
        WinogradPlan winograd => LanesPerCycle * winograd.Cost(Whole(layer)),
        ConvolutionPlan convolution => (double)convolution.Pattern.KeptBlocks * convolution.Pattern.BlockLength * convolution.Convolution.Window.Kernel.Height
            * convolution.Convolution.Window.Kernel.Width * layer.Node.Shape.Batch * layer.Node.Shape.Height * layer.Node.Shape.Width,
        _ when layer.DenseMacs > 0 => layer.DenseMacs,
        PoolPlan pool => (double)layer.Node.Shape.ElementCount * pool.Pool.Window.Kernel.Height * pool.Pool.Window.Kernel.Width,
        _ => layer.Node.Shape.ElementCount + layer.Inputs.Sum(input => (double)(input?.Shape.ElementCount ?? layer.Node.Shape.ElementCount)),
    };

    /// <summary>The share of the peak that the kernels of a layer's family reach.</summary>
    public static double Efficiency(LayerPlan layer) => layer switch
    {
        WinogradPlan => Winograd,
        ConvolutionPlan { Convolution.Window.Kernel: var kernel } => kernel == Extent.One ? DirectPointwise : DirectWithTaps,
        DepthwisePlan => Depthwise,
        _ => Memory,
    };

    /// <summary>All tasks of a layer.</summary>
    public static WorkRange Whole(LayerPlan layer) => new(0, layer.TaskGroups, 0, layer.TaskTiles);
}
