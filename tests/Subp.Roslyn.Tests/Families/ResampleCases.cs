using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Interpolation: up and down, along inner and outer axes, with more and fewer samples.</summary>
internal static class ResampleCases
{
    public static IEnumerable<KernelCase> All()
    {
        yield return Case(
            "bilinear-up",
            [1, 3, 5, 7],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 3, 10, 14 }, Mode = ResizeMode.Linear }, x)
        );
        yield return Case(
            "linear-rows",
            [2, 6, 21],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 2, 9, 21 }, Mode = ResizeMode.Linear }, x)
        );
        yield return Case(
            "bilinear-corners",
            [2, 2, 9, 30],
            (builder, x) =>
                Node(
                    builder,
                    new Resize
                    {
                        Sizes = new[] { 2, 2, 5, 17 },
                        Mode = ResizeMode.Linear,
                        Coordinates = ResizeCoordinates.AlignCorners,
                    },
                    x
                )
        );
        yield return Case(
            "bicubic",
            [1, 2, 6, 8],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 1, 2, 15, 13 }, Mode = ResizeMode.Cubic }, x)
        );
        yield return Case(
            "antialias",
            [1, 2, 40, 30],
            (builder, x) =>
                Node(
                    builder,
                    new Resize
                    {
                        Sizes = new[] { 1, 2, 7, 9 },
                        Mode = ResizeMode.Linear,
                        IsAntialiased = true,
                    },
                    x
                )
        );
        yield return Case(
            "linear-same",
            [2, 6],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 2, 6 }, Mode = ResizeMode.Linear }, x)
        );
        yield return Case(
            "linear-to-one",
            [3, 6],
            (builder, x) => Node(builder, new Resize { Sizes = new[] { 3, 1 }, Mode = ResizeMode.Linear }, x)
        );
    }
}
