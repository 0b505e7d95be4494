namespace Subp.Core.Diagnostics;

/// <summary>Bad input or a failed check, answered with a diagnostic instead of a stack trace.</summary>
public sealed class SubpException : Exception
{
    /// <summary>Creates the exception that carries <paramref name="diagnostic"/>.</summary>
    public SubpException(Diagnostic diagnostic, Exception? innerException = null)
        : base(diagnostic.ToString(), innerException) => Diagnostic = diagnostic;

    /// <summary>Creates the exception from the parts of its diagnostic.</summary>
    public SubpException(DiagnosticDescriptor descriptor, string location, string found, string expected = "", string action = "")
        : this(new Diagnostic(descriptor, location, found, expected, action)) { }

    /// <summary>The finding that ended the operation.</summary>
    public Diagnostic Diagnostic { get; }
}
