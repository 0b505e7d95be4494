namespace Subp.Compiler;

/// <summary>Where an emitted model finds the weights of its <c>Instance</c>.</summary>
public enum WeightsLocation
{
    /// <summary>In the assembly, as the resource <c>{Namespace}.{Class}.safetensors</c>: one file to ship.</summary>
    Embedded,

    /// <summary>
    /// In the file <c>{Class}.safetensors</c> beside the program: it can be replaced by re-trained weights of the same pattern.
    /// </summary>
    File,
}
