using Subp.Core.Diagnostics;
using Subp.Training.Interchange.Pickle;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>The diagnostics of PyTorch files.</summary>
internal static class TorchFileFailure
{
    /// <summary>SUBP0560: the file is cut off or was changed.</summary>
    public static SubpException Broken(string place, string found, string expected) =>
        new(DiagnosticDescriptors.TorchFileFormat, place, found, expected, "Get the file again, or save it again in PyTorch.");

    /// <summary>A pickle that was not read to its end: SUBP0560 where it is broken, SUBP0561 where it asks for too much.</summary>
    /// <param name="place">The file, and the record in it.</param>
    /// <param name="failure">What was wrong.</param>
    public static SubpException Of(string place, PickleException failure)
    {
        place = FormattableString.Invariant($"{place}, byte {failure.Position ?? 0}");
        return failure.IsRefused
            ? new SubpException(
                DiagnosticDescriptors.TorchFileRefused,
                place,
                failure.Found,
                failure.Expected,
                "Save the state dictionary alone in PyTorch: torch.save(model.state_dict(), 'weights.pth')."
            )
            : Broken(place, failure.Found, failure.Expected);
    }
}
