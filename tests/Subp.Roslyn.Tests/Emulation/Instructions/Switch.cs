namespace Subp.Roslyn.Tests.Emulation.Instructions;

/// <summary>
/// Whether this process lets models use emulated instructions. Child processes with instruction sets switched off run the same models, and
/// there an instruction that the processor lacks must be seen as missing.
/// </summary>
internal static class Switch
{
    public const string Name = "Subp.Emulation";

    public static bool IsOn => System.AppContext.TryGetSwitch(Name, out var isOn) && isOn;
}
