namespace Subp.Training.Interchange.Pickle;

/// <summary>
/// What the names in a pickle stand for. A pickle is a program: it may name any function and ask to call it. Nothing is looked up and
/// nothing is called; an implementation compares the name with the few it knows and makes the value that the call would have made.
/// </summary>
internal interface IPickleObjects
{
    /// <summary>Requires a name to be known.</summary>
    /// <exception cref="PickleException">It is not.</exception>
    void RequireKnown(PickleGlobal global);

    /// <summary>The value of a call.</summary>
    /// <exception cref="PickleException">The name cannot be called, or not with these arguments.</exception>
    PickleValue Call(PickleGlobal function, PickleTuple arguments);

    /// <summary>The value that lies outside the pickle under an identifier.</summary>
    /// <exception cref="PickleException">There is none.</exception>
    PickleValue Find(PickleValue identifier);
}

/// <summary>
/// A pickle that is broken or asks for what is not granted. The readers of files turn it into a diagnostic with the place.
/// </summary>
/// <param name="found">What was found.</param>
/// <param name="expected">What was expected.</param>
/// <param name="isRefused">True where the pickle is well formed and asks for something that is not granted.</param>
/// <param name="position">Where, in bytes from the start of the pickle; null for the instruction that was being carried out.</param>
internal sealed class PickleException(string found, string expected, bool isRefused = false, long? position = null) : Exception
{
    public string Found => found;

    public string Expected => expected;

    public bool IsRefused => isRefused;

    public long? Position { get; set; } = position;
}
