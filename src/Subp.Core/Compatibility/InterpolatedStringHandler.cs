namespace System.Runtime.CompilerServices;

/// <summary>
/// Marks types that the compiler builds from interpolated strings, on netstandard2.0, whose base library lacks the attribute.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = false, Inherited = false)]
internal sealed class InterpolatedStringHandlerAttribute : Attribute;

/// <summary>Names the arguments of a call that its interpolated string is built with, on netstandard2.0.</summary>
[AttributeUsage(AttributeTargets.Parameter, AllowMultiple = false, Inherited = false)]
internal sealed class InterpolatedStringHandlerArgumentAttribute(string argument) : Attribute
{
    /// <summary>The names; empty for the object that is called.</summary>
    public string[] Arguments { get; } = [argument];
}
